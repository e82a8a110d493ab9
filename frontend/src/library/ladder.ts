/** A network's layers as a ladder: input at the foot, classes on top, wider for more neurons. */

import { h } from "../base/dom";
import { count } from "../base/format";
import type { Network } from "./registry";
import "./ladder.css";

type Layer = Network["layers"][number];

/** The ladder. The marked layers are the defaults of a circuit. */
export function ladder(network: Network): HTMLElement {
  const widest = Math.max(1, ...network.layers.map(({ channels }) => channels));
  const rungs = network.layers.map((layer) => rung(layer, widest)).reverse();
  const side = network.input_size;
  const input = h("li", { class: "rung end" }, h("span", {}, "image"), h("span", { class: "small quiet-text" }));
  if (side !== null) input.lastElementChild?.append(`3 × ${side} × ${side}`);
  const top = h("li", { class: "rung end" }, h("span", {}, count(network.classes.length, "class", "classes")));
  return h("ol", { class: "ladder", "aria-label": "Layers, from high to low" }, top, ...rungs, input);
}

function rung(layer: Layer, widest: number): HTMLElement {
  const bar = h("span", { class: "rung-bar", "aria-hidden": "true" });
  // Logarithmic, as the number of channels doubles from stage to stage.
  bar.style.width = `${(100 * Math.log2(1 + layer.channels)) / Math.log2(1 + widest)}%`;
  const mark = layer.default ? h("span", { class: "rung-mark small" }, "default") : null;
  if (mark) mark.title = "Part of a circuit if you choose no layers";
  return h(
    "li",
    { class: layer.default ? "rung default" : "rung" },
    h("span", { class: "rung-name" }, h("code", {}, layer.name), mark),
    h("span", { class: "rung-kind small quiet-text" }, layer.kind),
    h("span", { class: "rung-size small number" }, count(layer.channels, "neuron")),
    h("span", { class: "rung-shape small quiet-text number", title: "Shape of the output" }, layer.shape.join(" × ")),
    h("span", { class: "rung-track" }, bar),
  );
}
