/** The switch between patch, heat map and overlay, with colour scale and threshold. */

import { h } from "../../base/dom";
import { Widget } from "../../base/widget";
import { HEAT_COLOURS } from "../../circuit/heat_map";
import { MODES, type PatchLook } from "../../circuit/patch_look";
import "./look_switch.css";

const NAMES = { patch: "Patch", "heat map": "Heat map", overlay: "Overlay" };

export class LookSwitch extends Widget {
  readonly element: HTMLElement;
  private readonly buttons = MODES.map((mode) => {
    const button = h("button", { type: "button" }, NAMES[mode]);
    button.addEventListener("click", () => this.look.set({ mode }));
    return button;
  });
  private readonly slider = h("input", { type: "range", min: 0, max: 95, step: 5 });
  private readonly share = h("output", { class: "number" });
  private readonly most = h("span", { class: "number" });
  private readonly scale: HTMLElement;

  constructor(
    private readonly look: PatchLook,
    signal: AbortSignal,
  ) {
    super();
    this.slider.addEventListener("input", () => look.set({ threshold: Number(this.slider.value) / 100 }));
    this.scale = h(
      "div",
      { class: "heat-scale small quiet-text" },
      h("div", { class: "heat-key" }, h("span", { class: "number" }, "0"), colourBar(), this.most),
      h("label", {}, "Hide activations below ", this.slider, this.share),
    );
    const group = h("div", { class: "segments", role: "group", "aria-label": "Display of patches" }, ...this.buttons);
    this.element = h("div", { class: "look-switch" }, group, this.scale);
    look.onChange(() => this.show(), signal);
    this.show();
  }

  /** The activation of the lightest colour. */
  set highest(activation: number) {
    this.most.textContent = activation.toFixed(2);
    this.most.title = "Highest activation on these patches, mean over the group’s neurons";
  }

  private show(): void {
    MODES.forEach((mode, index) => {
      this.buttons[index]?.setAttribute("aria-pressed", String(mode === this.look.mode));
    });
    const text = `${Math.round(100 * this.look.threshold)} %`;
    this.slider.value = String(Math.round(100 * this.look.threshold));
    this.slider.setAttribute("aria-valuetext", `${text} of the highest activation`);
    this.share.textContent = text;
    this.scale.hidden = this.look.mode === "patch";
  }
}

function colourBar(): HTMLElement {
  const canvas = h("canvas", {
    width: HEAT_COLOURS.length,
    height: 1,
    role: "img",
    "aria-label": "from dark to light",
  });
  const context = canvas.getContext("2d");
  if (context) {
    const pixels = new Uint8ClampedArray(HEAT_COLOURS.flatMap((colour) => [...colour, 255]));
    context.putImageData(new ImageData(pixels, HEAT_COLOURS.length, 1), 0, 0);
  }
  return canvas;
}
