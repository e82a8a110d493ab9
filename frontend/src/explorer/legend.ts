/** The legend of the graph's symbols. */

import { h, svg } from "../base/dom";
import { Widget } from "../base/widget";
import "./legend.css";

const KEY = "neurflow-legend";

export class Legend extends Widget {
  readonly element = h("aside", { class: "ex-legend small", "aria-label": "Legend" });
  private readonly image = h(
    "dl",
    { class: "ex-legend-image" },
    ...row(h("span", { class: "ex-sample-fires" }), "fires for the image; number: percentile"),
    ...row(h("span", { class: "ex-sample-silent" }), "silent for the image, although it usually fires"),
    ...row(h("span", { class: "ex-sample-neither" }), "neither"),
  );

  constructor() {
    super();
    this.element.append(
      h(
        "dl",
        {},
        ...row(line("ex-line-positive", 3), "excites"),
        ...row(line("ex-line-negative", 3), "inhibits"),
        ...row(lines(), "weight, relative to other edges between the same two layers"),
        ...row(squares(), "contribution, relative to the layer"),
        ...row(frames(), "supports the class, or speaks against it (also for blocks when zoomed out)"),
        ...row(h("span", { class: "ex-sample-super" }), "super-group: groups that you merged"),
      ),
      this.image,
    );
    this.image.hidden = true;
    this.element.hidden = localStorage.getItem(KEY) !== "shown";
  }

  /** Whether the legend includes the marks of an image. */
  set explainsImage(explains: boolean) {
    this.image.hidden = !explains;
  }

  get open(): boolean {
    return !this.element.hidden;
  }

  set open(open: boolean) {
    this.element.hidden = !open;
    if (open) localStorage.setItem(KEY, "shown");
    else localStorage.removeItem(KEY);
  }
}

function row(sample: Element, text: string): HTMLElement[] {
  return [h("dt", { "aria-hidden": "true" }, sample), h("dd", {}, text)];
}

function stroke(kind: string, width: number, y: number): SVGLineElement {
  return svg("line", { class: kind, x1: 2, x2: 42, y1: y, y2: y, "stroke-width": width });
}

const line = (kind: string, width: number) => svg("svg", { width: 44, height: 12 }, stroke(kind, width, 6));
const lines = () =>
  svg("svg", { width: 44, height: 18 }, ...[1, 3, 5].map((width, at) => stroke("ex-line-positive", width, 3 + 6 * at)));

function squares(): SVGSVGElement {
  const sides = [6, 10, 14];
  const square = (side: number, at: number) =>
    svg("rect", { class: "ex-sample-size", x: 1 + at * 14, y: (16 - side) / 2, width: side, height: side, rx: 2 });
  return svg("svg", { width: 44, height: 16 }, ...sides.map(square));
}

function frames(): SVGSVGElement {
  const frame = (kind: string, x: number) => svg("rect", { class: kind, x, y: 2, width: 16, height: 12, rx: 3 });
  return svg("svg", { width: 44, height: 16 }, frame("ex-sample-raises", 2), frame("ex-sample-lowers", 25));
}
