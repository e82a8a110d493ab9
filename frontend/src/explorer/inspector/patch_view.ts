/** A patch as it is, as a heat map, or both. */

import type { Schemas } from "../../api/client";
import { h } from "../../base/dom";
import { plainPicture } from "../../base/picture";
import { Widget } from "../../base/widget";
import type { HeatMap } from "../../circuit/answers";
import { drawHeatMap } from "../../circuit/heat_map";
import { aspect, type PatchLook } from "../../circuit/patch_look";
import "./patch_view.css";

const LONG_SIDE = 128;

export interface ShownPatch {
  picture: string | null;
  box: Schemas["Box"];
  heat_map: HeatMap | null;
}

export class PatchView extends Widget {
  readonly element: HTMLElement;
  private readonly canvas = h("canvas", { "aria-hidden": "true" });

  /** `highest` is the activation that gets the lightest colour: the same for all patches that are compared. */
  constructor(
    private readonly patch: ShownPatch,
    alt: string,
    private readonly look: PatchLook,
    private highest: number,
    signal: AbortSignal,
  ) {
    super();
    this.element = h("span", { class: "patch-view" }, plainPicture(patch.picture, alt), this.canvas);
    const ratio = aspect(patch.box);
    this.element.style.aspectRatio = String(ratio);
    this.canvas.width = Math.round(ratio >= 1 ? LONG_SIDE : LONG_SIDE * ratio);
    this.canvas.height = Math.round(ratio >= 1 ? LONG_SIDE / ratio : LONG_SIDE);
    look.onChange(() => this.draw(), signal);
    this.draw();
  }

  /** Redraws if further patches have a higher activation. */
  compareWith(highest: number): void {
    if (highest === this.highest) return;
    this.highest = highest;
    this.draw();
  }

  private draw(): void {
    const { heat_map: map } = this.patch;
    const mode = map ? this.look.mode : "patch";
    this.element.dataset.mode = mode;
    if (map && mode !== "patch") drawHeatMap(this.canvas, map, this.highest, mode, this.look.threshold);
  }
}
