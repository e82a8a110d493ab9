/** Cytoscape's stylesheet in the colours of the page, and the levels of detail. */

import type { StylesheetJson } from "cytoscape";
import { BOX_PADDING } from "./geometry";

const TOKENS = [
  "page",
  "raised",
  "sunken",
  "line",
  "line-strong",
  "text",
  "quiet",
  "accent",
  "positive",
  "negative",
  "warn",
];

/** The dashes of negative edges, so that they can be distinguished in greyscale. */
export const DASH = [9, 6];

export type Palette = Record<string, string>;

/** The page's current colours. */
export function palette(): Palette {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(TOKENS.map((name) => [name, style.getPropertyValue(`--${name}`).trim() || "gray"]));
}

/** The stylesheet. */
export function stylesheet(colours: Palette): StylesheetJson {
  return [
    ...nodeStyles(colours),
    ...edgeStyles(colours),
    ...imageStyles(colours),
    ...stateStyles(colours),
  ] as StylesheetJson;
}

function nodeStyles(c: Palette) {
  const tint = (sign: string) => `mapData(strength, 0, 1, ${c.line}, ${sign})`;
  return [
    { selector: "core", style: { "active-bg-opacity": 0, "outside-texture-bg-opacity": 0 } },
    {
      selector: "node",
      style: {
        shape: "round-rectangle",
        "corner-radius": 8,
        width: "data(width)",
        height: "data(height)",
        "background-color": tint(c.positive ?? ""),
        "border-width": 2,
        "border-color": c.positive,
        "border-position": "outside",
        label: "data(label)",
        "font-family": "system-ui, sans-serif",
        "font-size": 15,
        "min-zoomed-font-size": 9,
        color: c.text,
        "text-outline-color": c.page,
        "text-outline-width": 2,
        "text-valign": "bottom",
        "text-margin-y": 5,
        "text-wrap": "ellipsis",
        "text-max-width": "124px",
        "overlay-opacity": 0,
        "compound-sizing-wrt-labels": "exclude",
      },
    },
    {
      selector: "node[sign < 0]",
      style: { "background-color": tint(c.negative ?? ""), "border-color": c.negative, "border-style": "dashed" },
    },
    {
      selector: "node.far",
      style: {
        label: "data(short)",
        "font-size": 34,
        "min-zoomed-font-size": 8,
        "font-weight": 600,
        "text-valign": "center",
        "text-margin-y": 0,
        "text-wrap": "none",
        "text-outline-width": 4,
        "border-width": 0,
      },
    },
    {
      selector: "node.pictured",
      style: {
        "background-image": "data(picture)",
        "background-fit": "contain",
        "background-clip": "node",
        "background-image-crossorigin": "null",
        "background-color": c.sunken,
        "background-image-containment": "inside",
      },
    },
    { selector: 'node[kind = "super"]', style: { "border-style": "double", "border-width": 6 } },
    {
      selector: 'node[kind = "class"]',
      style: { "font-size": 19, "font-weight": 700, "text-max-width": "300px", "border-color": c.text },
    },
    { selector: 'node[kind = "class"].far', style: { "font-size": 34, "background-color": c["line-strong"] } },
    {
      selector: 'node[kind = "part"]',
      style: {
        "font-size": 11,
        "text-max-width": "78px",
        "text-margin-y": 3,
        "corner-radius": 5,
        "border-width": 1,
        "border-style": "solid",
        "border-color": c["line-strong"],
        "background-color": c.sunken,
      },
    },
    { selector: 'node[kind = "part"].far', style: { "font-size": 22, "text-outline-width": 3 } },
    {
      selector: "node[box = 1]",
      style: {
        padding: BOX_PADDING,
        "min-width": "data(width)",
        "min-height": "data(height)",
        "background-color": c.raised,
        "background-opacity": 0.92,
        "corner-radius": 12,
        "border-width": 1.5,
        label: "data(label)",
        "font-size": 16,
        "font-weight": 600,
        "text-valign": "top",
        "text-margin-x": "data(aside)",
        "text-margin-y": -4,
        "text-outline-width": 2,
        "text-max-width": "240px",
      },
    },
  ];
}

function edgeStyles(c: Palette) {
  return [
    {
      selector: "edge",
      style: {
        width: "data(width)",
        "line-color": c.positive,
        "line-opacity": "data(opacity)",
        "z-index": "data(order)",
        "overlay-opacity": 0,
        "curve-style": "unbundled-bezier",
        "edge-distances": "endpoints",
        "source-endpoint": "0 -50%",
        "target-endpoint": "0 50%",
        "control-point-weights": "data(weights)",
        "control-point-distances": "data(distances)",
        "target-arrow-shape": "none",
      },
    },
    {
      selector: "edge[sign < 0]",
      style: { "line-color": c.negative, "line-style": "dashed", "line-dash-pattern": DASH },
    },
  ];
}

/** The marks of an open image: groups that fire glow, and groups that usually fire for the class have a dashed frame. */
function imageStyles(c: Palette) {
  return [
    // Their percentiles must be legible when the whole circuit is visible.
    {
      selector: 'node[lit != ""]',
      style: {
        "font-size": 23,
        "font-weight": 600,
        "text-margin-y": 8,
        "text-outline-width": 4,
        "text-max-width": "170px",
      },
    },
    { selector: 'node[lit != ""][kind = "class"]', style: { "text-max-width": "480px" } },
    { selector: 'node[lit != ""][box = 1]', style: { "font-size": 18, "text-margin-y": -12 } },
    { selector: 'node[lit != ""].close', style: { "font-size": 17, "text-outline-width": 3 } },
    { selector: 'node[lit != ""].far', style: { "font-size": 34, "text-margin-y": 0 } },
    {
      selector: 'node[lit = "fires"]',
      style: {
        "underlay-color": c.accent,
        "underlay-opacity": 0.5,
        "underlay-padding": 8,
        "underlay-shape": "round-rectangle",
        "underlay-corner-radius": 14,
      },
    },
    {
      selector: 'node[lit = "silent"]',
      style: {
        opacity: 0.8,
        "outline-width": 4,
        "outline-offset": 4,
        "outline-color": c.warn,
        "outline-style": "dashed",
      },
    },
    { selector: 'node[lit = "neither"]', style: { opacity: 0.5 } },
    { selector: 'node[lit = "fires"].far', style: { "underlay-padding": 18 } },
    { selector: 'node[lit = "silent"].far', style: { "outline-width": 9, "outline-offset": 6 } },
  ];
}

function stateStyles(c: Palette) {
  return [
    { selector: "node.dim", style: { opacity: 0.18, "underlay-opacity": 0 } },
    { selector: "node[box = 1].dim", style: { opacity: 0.4 } },
    { selector: "edge.dim", style: { "line-opacity": 0.03 } },
    {
      selector: "edge.lit",
      style: { "line-opacity": (e: { data(k: string): number }) => Math.min(1, e.data("opacity") + 0.3) },
    },
    {
      selector: "node.found",
      style: { "outline-width": 4, "outline-offset": 3, "outline-color": c["line-strong"], "outline-style": "solid" },
    },
    {
      selector: "node.hover",
      style: {
        "outline-width": 3,
        "outline-offset": 2,
        "outline-color": c.accent,
        "outline-opacity": 0.6,
        "outline-style": "solid",
      },
    },
    {
      selector: "node.picked",
      style: { "outline-width": 4, "outline-offset": 3, "outline-color": c.accent, "outline-style": "dashed" },
    },
    {
      selector: "node.selected",
      style: { "outline-width": 5, "outline-offset": 2, "outline-color": c.accent, "outline-style": "solid" },
    },
    // Outside the glow.
    { selector: 'node.selected[lit = "fires"]', style: { "outline-offset": 12 } },
    {
      selector: "edge.hover, edge.selected",
      style: {
        "line-opacity": 1,
        "underlay-color": c.accent,
        "underlay-opacity": 0.35,
        "underlay-padding": 4,
        "z-index": 1000,
      },
    },
  ];
}

/** `far`: colour and number; `near`: a few patches; `close`: all patches in full resolution, and the label. */
export type Level = "far" | "near" | "close";

/** The width of an average node on the screen, in CSS pixels, at which a level begins. */
const NEAR_PX = 26;
const CLOSE_PX = 66;
/** A level ends only well past its threshold, to avoid flicker. */
const SLACK = 0.9;
const MIDDLING = 80;

/** Levels of detail: what a node shows at which zoom. */
export function levelFor(zoom: number, before: Level | null = null): Level {
  const width = MIDDLING * zoom;
  const close = before === "close" ? CLOSE_PX * SLACK : CLOSE_PX;
  const near = before === "near" || before === "close" ? NEAR_PX * SLACK : NEAR_PX;
  return width >= close ? "close" : width >= near ? "near" : "far";
}

/** How many of `count` patches a mosaic shows at a level. */
export function patchesAt(level: Level, count: number): number {
  if (level === "far") return 0;
  return level === "close" ? Math.min(count, 9) : count >= 4 ? 4 : Math.min(count, 1);
}

/** The text on a node at level `far`: `3`, `3+5`, the class's name. */
export function shortLabel(label: string): string {
  return label
    .replace(/^(class|group|neuron) /, "")
    .replaceAll(" + ", "+")
    .slice(0, 8);
}
