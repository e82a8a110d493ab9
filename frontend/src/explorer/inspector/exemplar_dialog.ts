/** An exemplar next to its place in the whole image. The arrow keys move to the next and previous one. */

import { openDialog } from "../../base/dialog";
import { h } from "../../base/dom";
import { plainPicture } from "../../base/picture";
import { Widget } from "../../base/widget";
import type { Exemplar } from "../../circuit/answers";
import { boxShare, type PatchLook } from "../../circuit/patch_look";
import { LookSwitch } from "./look_switch";
import { PatchView } from "./patch_view";
import "./exemplar_dialog.css";

export class ExemplarDialog extends Widget {
  readonly element: HTMLDialogElement;
  private readonly stage = h("div", { class: "exemplar-stage" });
  private readonly place = h("p", { class: "number", role: "status" });
  private readonly closed = new AbortController();
  private turned = new AbortController();

  /** Opens at once, at `index` of `exemplars`. */
  constructor(
    title: string,
    private readonly exemplars: readonly Exemplar[],
    private index: number,
    private readonly look: PatchLook,
    private readonly highest: number,
  ) {
    super();
    const control = new LookSwitch(look, this.closed.signal);
    control.highest = highest;
    const mapped = exemplars.some((exemplar) => exemplar.heat_map);
    const steps = h("div", { class: "exemplar-steps" }, this.step("←", -1), this.place, this.step("→", 1));
    this.element = openDialog(title, [mapped ? control.element : h("span"), this.stage, steps], () => {
      this.closed.abort();
      this.turned.abort();
    });
    this.element.classList.add("exemplar-dialog");
    this.element.addEventListener("keydown", (event) => this.key(event));
    this.show();
  }

  private key(event: KeyboardEvent): void {
    // The page's shortcuts are off while the dialog is open.
    event.stopPropagation();
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    // On the threshold's slider, the arrow keys move the slider.
    if (!by || event.target instanceof HTMLInputElement) return;
    event.preventDefault();
    this.go(by);
  }

  private go(by: number): void {
    this.index = (this.index + by + this.exemplars.length) % this.exemplars.length;
    this.show();
  }

  private show(): void {
    const exemplar = this.exemplars[this.index];
    if (!exemplar) return;
    this.turned.abort();
    this.turned = new AbortController();
    const view = new PatchView(exemplar, "Patch", this.look, this.highest, this.turned.signal);
    this.stage.replaceChildren(
      h("figure", {}, view.element, h("figcaption", {}, `Activation ${exemplar.activation.toFixed(2)}`)),
      h("figure", {}, wholeImage(exemplar), h("figcaption", {}, exemplar.image.name)),
    );
    this.place.textContent = `${this.index + 1} of ${this.exemplars.length}`;
  }

  private step(label: string, by: number): HTMLElement {
    const name = by < 0 ? "Previous exemplar" : "Next exemplar";
    const button = h("button", { type: "button", "aria-label": name, title: `${name} (${label})` }, label);
    button.disabled = this.exemplars.length < 2;
    button.addEventListener("click", () => this.go(by));
    return button;
  }
}

function wholeImage({ image, box }: Exemplar): HTMLElement {
  const frame = h("div", { class: "whole-image" }, plainPicture(image.picture, "Whole image"));
  if (image.width > 0 && image.height > 0) frame.style.aspectRatio = `${image.width} / ${image.height}`;
  const mark = h("div", { class: "patch-mark" });
  const share = boxShare(box, image);
  for (const side of ["left", "top", "width", "height"] as const) mark.style[side] = `${share[side]}%`;
  frame.append(mark);
  return frame;
}
