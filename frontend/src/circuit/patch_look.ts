/** Where a patch lies in its image, and how patches are displayed: plain, as heat maps, or both. */

import type { Schemas } from "../api/client";
import type { Mode } from "./heat_map";

const KEY = "neurflow-patch-look";
export const MODES: readonly Mode[] = ["patch", "heat map", "overlay"];

export class PatchLook {
  private readonly target = new EventTarget();
  private current: { mode: Mode; threshold: number } = remembered();

  get mode(): Mode {
    return this.current.mode;
  }

  /** Activations below this share of the highest stay transparent. */
  get threshold(): number {
    return this.current.threshold;
  }

  set(change: Partial<{ mode: Mode; threshold: number }>): void {
    this.current = { ...this.current, ...change };
    try {
      localStorage.setItem(KEY, JSON.stringify(this.current));
    } catch {
      // If storage is full or forbidden, the choice lasts for this page only.
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

type Box = Schemas["Box"];

/** The box in per cent of the image's sides, cut to the image. */
export interface Share {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** A patch's place in the image. */
export function boxShare(box: Box, image: { width: number; height: number }): Share {
  const left = held(box.left, image.width);
  const right = held(box.right, image.width);
  const top = held(box.top, image.height);
  const bottom = held(box.bottom, image.height);
  return { left, top, width: Math.max(0, right - left), height: Math.max(0, bottom - top) };
}

/** Width divided by height of a patch; 1 for an empty box. */
export function aspect(box: Box): number {
  const width = box.right - box.left;
  const height = box.bottom - box.top;
  return width > 0 && height > 0 ? width / height : 1;
}

function held(place: number, size: number): number {
  return size > 0 ? (100 * Math.min(size, Math.max(0, place))) / size : 0;
}
