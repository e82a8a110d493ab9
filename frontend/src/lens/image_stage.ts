/**
 * The image, or a crop of it, with the place where a group fires. Pointing at a place, or moving there with arrow keys,
 * shows which groups fire there.
 */

import { h } from "../base/dom";
import { plainPicture } from "../base/picture";
import { Widget } from "../base/widget";
import { drawHeatMap } from "../circuit/heat_map";
import { aspect, boxShare, type Share } from "../circuit/patch_look";
import type { Box, GroupReading, FinishedAnalysis } from "../circuit/types";
import { bestCrops, gridOf, lightest, type Point } from "./firing_places";
import "./image_stage.css";

/** The number of arrow key steps from one side to the other. */
const CELLS = 32;
const STRIDE = 4;
const PIXELS = 256;

/** A place, and whether it is pinned, that is, stays when the pointer leaves. */
export interface Touch {
  point: Point;
  pinned: boolean;
}

export class ImageStage extends Widget<{ touch: Touch | null }> {
  private readonly heat = h("canvas", { width: PIXELS, height: PIXELS, "aria-hidden": "true" });
  private readonly cursor = h("span", { class: "lens-cursor", hidden: true });
  private readonly area = h("div", { class: "lens-area" }, this.heat, this.cursor);
  private readonly frames = h("div", { class: "lens-frames", "aria-hidden": "true" });
  private readonly ground: HTMLElement;
  readonly element: HTMLElement;
  private at: { column: number; row: number } | null = null;
  /** Pins the place, so that the user can continue in the list of groups that fire there. */
  private pinned = false;

  constructor(private readonly analysis: FinishedAnalysis) {
    super();
    const { reading, name } = analysis;
    place(this.area, boxShare(reading.area, reading));
    this.ground = h(
      "div",
      {
        class: "lens-ground",
        tabindex: 0,
        role: "application",
        "aria-label": `${name}. Use the arrow keys to see which groups fire at each place.`,
      },
      plainPicture(analysis.picture, ""),
      this.area,
      this.frames,
    );
    this.ground.style.setProperty("--ratio", String(reading.width / Math.max(1, reading.height)));
    this.element = h("div", { class: "lens-stage" }, this.ground);
    this.ground.addEventListener("pointermove", (event) => this.pointed(event));
    this.ground.addEventListener("pointerleave", () => !this.pinned && this.goTo(null));
    this.ground.addEventListener("click", (event) => this.clicked(event));
    this.ground.addEventListener("keydown", (event) => this.key(event));
  }

  /** Shows where a group fires, and its best crops; null shows the image only. */
  show(group: GroupReading | null): void {
    this.heat.hidden = group === null;
    this.frames.replaceChildren();
    if (!group) return;
    drawHeatMap(this.heat, gridOf(group.place), lightest(group.place), "overlay", 0);
    const frames = bestCrops(this.analysis.reading, group).map(({ box, score }) => {
      const frame = h("span", { class: "lens-frame" }, h("span", { class: "number" }, score.toFixed(2)));
      place(frame, boxShare(box, this.analysis.reading));
      return frame;
    });
    this.frames.append(...frames);
  }

  private pointed(event: PointerEvent): void {
    if (!this.pinned) this.goTo(this.under(event));
  }

  private clicked(event: MouseEvent): void {
    const under = this.under(event);
    const same = under && this.at && under.column === this.at.column && under.row === this.at.row;
    this.goTo(under, under !== null && !(this.pinned && same));
  }

  /** Releases a pinned place. */
  release(): void {
    this.goTo(null, false);
  }

  private under(event: MouseEvent): { column: number; row: number } | null {
    const { left, top, width, height } = this.area.getBoundingClientRect();
    const column = Math.floor((CELLS * (event.clientX - left)) / width);
    const row = Math.floor((CELLS * (event.clientY - top)) / height);
    const inside = column >= 0 && row >= 0 && column < CELLS && row < CELLS;
    return inside ? { column, row } : null;
  }

  private key(event: KeyboardEvent): void {
    if (event.key === "Escape" && this.at) {
      this.release();
    } else {
      const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      if (!step) return;
      const [right = 0, down = 0] = step.map((by) => by * (event.shiftKey ? STRIDE : 1));
      const from = this.at ?? { column: CELLS / 2 - right, row: CELLS / 2 - down };
      this.goTo({ column: clamped(from.column + right), row: clamped(from.row + down) }, true);
    }
    event.preventDefault();
    event.stopPropagation();
  }

  private goTo(to: { column: number; row: number } | null, pinned = this.pinned): void {
    if (to?.column === this.at?.column && to?.row === this.at?.row && pinned === this.pinned) return;
    this.at = to;
    this.pinned = pinned;
    this.cursor.classList.toggle("pinned", pinned);
    this.cursor.hidden = to === null;
    if (to) {
      const side = 100 / CELLS;
      place(this.cursor, { left: side * to.column, top: side * to.row, width: side, height: side });
    }
    const point = to && { x: (to.column + 0.5) / CELLS, y: (to.row + 0.5) / CELLS };
    this.emit("touch", point && { point, pinned });
  }
}

const clamped = (place: number) => Math.min(CELLS - 1, Math.max(0, place));

function place(element: HTMLElement, share: Share): void {
  for (const side of ["left", "top", "width", "height"] as const) element.style[side] = `${share[side]}%`;
}

interface Image {
  picture: string | null;
  /** In the pixels of the boxes. */
  width: number;
  height: number;
}

/** A crop of the inspected image, cut out by the browser. */
export function cropView(image: Image, box: Box, alt: string): HTMLElement {
  const whole = plainPicture(image.picture, alt);
  const width = Math.max(1, box.right - box.left);
  const height = Math.max(1, box.bottom - box.top);
  const percent = (share: number) => `${(100 * share).toFixed(3)}%`;
  whole.style.width = percent(image.width / width);
  whole.style.height = percent(image.height / height);
  whole.style.left = percent(-box.left / width);
  whole.style.top = percent(-box.top / height);
  const view = h("span", { class: "lens-crop" }, whole);
  view.style.aspectRatio = String(aspect(box));
  return view;
}
