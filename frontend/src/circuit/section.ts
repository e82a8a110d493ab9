/**
 * The parts that panels of the inspector are made of: sections, heads, bars of weights, short lists and rows of
 * pictures.
 */

import { h } from "../base/dom";
import { load } from "../base/load";
import { plainPicture } from "../base/picture";
import { Widget } from "../base/widget";
import type { Patch } from "./answers";
import type { Scene } from "./scene";
import type { Tile, ViewNode } from "./types";
import "./section.css";

/** A section that loads its content, and shows placeholders until then. */
export class Section extends Widget {
  readonly element: HTMLElement;
  private readonly body = h("div", { class: "section-body" });

  /** Calls `content` at once, and again if the user retries after a failure. */
  constructor(
    title: string | null,
    private readonly content: () => Promise<(Node | null)[]>,
    private readonly signal: AbortSignal,
    private readonly bones = 3,
  ) {
    super();
    this.element = h("section", { class: "inspector-section" }, title && h("h3", {}, title), this.body);
    void this.fill();
  }

  private async fill(): Promise<void> {
    await load(this.body, this.content, { signal: this.signal, waiting: skeleton(this.bones) });
  }
}

function skeleton(bones: number): HTMLElement {
  const list = Array.from({ length: bones }, () => h("span", { class: "bone" }));
  return h("div", { class: "bones" }, h("span", { class: "visually-hidden" }, "Loading…"), ...list);
}

/**
 * A weight as a bar: the positive part to the right of the middle, the negative part, hatched, to the left.
 *
 * `largest` fills a side. Parts that cancel each other are both visible.
 */
export function balanceBar(positive: number, negative: number, largest: number): HTMLElement {
  return h(
    "span",
    { class: "bar balance", "aria-hidden": "true" },
    h("span", { class: "half" }, fill("negative", negative, largest)),
    h("span", { class: "half" }, fill("positive", positive, largest)),
  );
}

/** A weight as a bar from the left, in the colour of its sign. */
export function weightBar(weight: number, largest: number): HTMLElement {
  const sign = weight < 0 ? "negative" : "positive";
  return h("span", { class: "bar", "aria-hidden": "true" }, fill(sign, weight, largest));
}

function fill(sign: "positive" | "negative", weight: number, largest: number): HTMLElement {
  const part = h("span", { class: `fill ${sign}` });
  const share = largest > 0 ? Math.min(1, Math.abs(weight) / largest) : 0;
  part.style.width = `${(100 * share).toFixed(1)}%`;
  return part;
}

/** A list of the first `most` items, with a button that adds the rest. */
export function shortList<T>(
  items: readonly T[],
  row: (item: T) => HTMLElement,
  most: number,
  tag: "ul" | "ol" = "ul",
): HTMLElement {
  const list = h(tag, { class: "plain-list" }, ...items.slice(0, most).map(row));
  if (items.length <= most) return list;
  const all = h("button", { type: "button", class: "quiet small" }, `Show all ${items.length}`);
  all.addEventListener("click", () => {
    const rest = items.slice(most).map(row);
    list.append(...rest);
    all.remove();
    rest[0]?.querySelector<HTMLElement>("button, a")?.focus();
  });
  return h("div", {}, list, all);
}

export interface Action {
  label: string;
  act: () => void;
}

/** The head of a panel: its title, the line `about` below it, and the actions. */
export function panelHead(title: string, about: string, actions: Action[] = []): HTMLElement {
  const buttons = actions.map(({ label, act }) => {
    const button = h("button", { type: "button" }, label);
    button.addEventListener("click", act);
    return button;
  });
  return h(
    "header",
    { class: "panel-head" },
    h("div", {}, h("h2", {}, title), h("p", { class: "quiet-text" }, about)),
    buttons.length > 0 && h("div", { class: "panel-actions" }, ...buttons),
  );
}

const STRIP_SIDE = 44;

/** At most `most` pictures of a node in a row, or its only picture if the node is not in the view. */
export function tileStrip(scene: Scene, id: string, most: number): HTMLElement {
  const node = scene.node(id);
  const tiles = node?.tiles.slice(0, most) ?? [];
  const pictures = node?.pictures.slice(0, most) ?? [];
  const single = scene.picture(id);
  const items =
    tiles.length > 0
      ? tiles.map(tilePicture)
      : (pictures.length > 0 ? pictures : single ? [single] : []).map((address) =>
          h("span", {}, plainPicture(address, "")),
        );
  return h("span", { class: "tile-strip", "aria-hidden": "true" }, ...items);
}

function tilePicture({ sheet, x, y, side }: Tile): HTMLElement {
  const image = h("img", { src: sheet, alt: "", decoding: "async" });
  // The sheet is moved and scaled behind a window, which works for any size of the sheet.
  image.style.transform = `scale(${STRIP_SIDE / side}) translate(${-x}px, ${-y}px)`;
  return h("span", {}, image);
}

/** At most `most` patches in a row, small, each named by its image. */
export function patchStrip(patches: readonly Patch[], most: number): HTMLElement {
  const items = patches.slice(0, most).map((patch) => {
    const { left, top, right, bottom } = patch.box;
    const place = `${patch.image.name}, from ${left}, ${top} to ${right}, ${bottom}`;
    return h("li", { title: place }, plainPicture(patch.picture, `Patch of ${patch.image.name}`));
  });
  return h("ol", { class: "patch-strip" }, ...items);
}

const NODE_SIDE = 34;

/** A small picture of a node: its nearest exemplar, or an empty square if it has none. */
export function nodePicture(node: ViewNode): HTMLElement {
  const box = h("span", { class: "ex-tile", "aria-hidden": "true" });
  const [tile] = node.tiles;
  const [picture] = node.pictures;
  if (tile) {
    const scale = NODE_SIDE / tile.side;
    const image = h("img", { src: tile.sheet, alt: "", loading: "lazy" });
    image.style.transform = `scale(${scale}) translate(${-tile.x}px, ${-tile.y}px)`;
    box.append(image);
  } else if (picture) {
    const image = h("img", { src: picture, alt: "", loading: "lazy" });
    image.style.width = image.style.height = `${NODE_SIDE}px`;
    box.append(image);
  }
  return box;
}
