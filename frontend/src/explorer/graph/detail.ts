/** Levels of detail: what a node shows at which zoom. */

/** `far`: a colour and a number; `near`: a few patches; `close`: all its patches, sharp, and its label. */
export type Level = "far" | "near" | "close";

/** Width on the screen of a middling node, in CSS pixels, from which a level begins. */
const NEAR_PX = 26;
const CLOSE_PX = 66;
/** A level is left only when well past its threshold: no flicker at the border. */
const SLACK = 0.9;
const MIDDLING = 80;

export function levelFor(zoom: number, before: Level | null = null): Level {
  const width = MIDDLING * zoom;
  const close = before === "close" ? CLOSE_PX * SLACK : CLOSE_PX;
  const near = before === "near" || before === "close" ? NEAR_PX * SLACK : NEAR_PX;
  return width >= close ? "close" : width >= near ? "near" : "far";
}

/** How many of `count` patches a mosaic shows at this level: near, only as many as can be made out. */
export function patchesAt(level: Level, count: number): number {
  if (level === "far") return 0;
  return level === "close" ? Math.min(count, 9) : count >= 4 ? 4 : Math.min(count, 1);
}

/** What is written on a far node: `3`, `3+5`, the class's name. */
export function shortLabel(label: string): string {
  return label
    .replace(/^(class|group|neuron) /, "")
    .replaceAll(" + ", "+")
    .slice(0, 8);
}
