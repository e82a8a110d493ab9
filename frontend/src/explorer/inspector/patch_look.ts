/** How patches are looked at, for all of them at once: as they are, as heat maps, or both. Remembered by the browser. */

import type { Mode } from "./heat_map";

const KEY = "neurflow-patch-look";
export const MODES: readonly Mode[] = ["patch", "heat map", "overlay"];

export class PatchLook {
  private readonly target = new EventTarget();
  private current: { mode: Mode; threshold: number } = remembered();

  get mode(): Mode {
    return this.current.mode;
  }

  /** What lies below this share of the highest activation stays clear. */
  get threshold(): number {
    return this.current.threshold;
  }

  set(change: Partial<{ mode: Mode; threshold: number }>): void {
    this.current = { ...this.current, ...change };
    try {
      localStorage.setItem(KEY, JSON.stringify(this.current));
    } catch {
      // Storage may be full or forbidden: then it holds for this page only.
    }
    this.target.dispatchEvent(new Event("change"));
  }

  onChange(listener: () => void, signal: AbortSignal): void {
    this.target.addEventListener("change", listener, { signal });
  }
}

function remembered(): { mode: Mode; threshold: number } {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? "null");
    const { mode, threshold } = (stored ?? {}) as { mode?: unknown; threshold?: unknown };
    const share = typeof threshold === "number" && threshold >= 0 && threshold <= 1 ? threshold : 0;
    return { mode: MODES.find((known) => known === mode) ?? "patch", threshold: share };
  } catch {
    return { mode: "patch", threshold: 0 };
  }
}
