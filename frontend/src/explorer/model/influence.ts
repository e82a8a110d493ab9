/** Cumulative influence: the fewest that account for so many per cent of a layer's absolute contributions. */

interface Contributing {
  contribution: number | null;
}

/** Of sums of floating-point numbers: a share that is reached but for rounding is reached. */
const ROUNDING = 1e-12;

/**
 * The fewest of one layer whose |contribution| reach `percent` of the layer's, in their own order.
 *
 * At 100 all of them are in, those that contribute nothing, too. Of equals the first are taken.
 */
export function influential<T extends Contributing>(layer: readonly T[], percent: number): T[] {
  if (percent >= 100) return [...layer];
  const strength = (each: T) => Math.abs(each.contribution ?? 0);
  const total = layer.reduce((sum, each) => sum + strength(each), 0);
  if (total === 0) return [...layer];
  const kept = new Set<T>();
  let reached = 0;
  for (const each of [...layer].sort((a, b) => strength(b) - strength(a))) {
    if (reached >= (percent / 100) * total * (1 - ROUNDING)) break;
    kept.add(each);
    reached += strength(each);
  }
  return layer.filter((each) => kept.has(each));
}
