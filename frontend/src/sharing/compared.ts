/** What has changed since a circuit was computed before, in a sentence or two. */

import { count } from "../base/format";
import type { Group, Overview } from "../circuit/types";

/** Contributions are told in tenths of hundredths: a smaller change is none. */
const LEAST = 0.0005;

export function compared(before: Overview, after: Overview): string {
  const old = new Map(before.groups.map((group) => [identity(group), group]));
  const kept = after.groups.flatMap((group) => {
    const was = old.get(identity(group));
    return was ? [Math.abs(group.contribution - was.contribution)] : [];
  });
  const fresh = after.groups.length - kept.length;
  const gone = old.size - kept.length;
  const most = Math.max(0, ...kept);
  const same = fresh === 0 && gone <= 0 && most < LEAST;
  const versions = before.engine_version === after.engine_version ? "" : ` with engine ${after.engine_version ?? "?"}`;
  if (same) return `Computed again${versions}: it came out the same, group by group.`;
  const groups = `${kept.length} of ${count(after.groups.length, "group")} have the same neurons as before`;
  const others = [fresh > 0 && `${fresh} new`, gone > 0 && `${gone} gone`].filter(Boolean).join(", ");
  const change = kept.length ? ` The largest change of a contribution is ${(100 * most).toFixed(1)} points.` : "";
  return `Computed again${versions}: ${groups}${others && `; ${others}`}.${change}`;
}

const identity = ({ layer, neurons }: Group) => `${layer} ${neurons.join(" ")}`;
