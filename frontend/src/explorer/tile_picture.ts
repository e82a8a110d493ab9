/** One small picture of a node: its nearest exemplar. A square that stays empty where there is none. */

import { h } from "../base/dom";
import type { ViewNode } from "./types";

const SIDE = 34;

export function tilePicture(node: ViewNode): HTMLElement {
  const box = h("span", { class: "ex-tile", "aria-hidden": "true" });
  const [tile] = node.tiles;
  const [picture] = node.pictures;
  if (tile) {
    const scale = SIDE / tile.side;
    const image = h("img", { src: tile.sheet, alt: "", loading: "lazy" });
    image.style.transform = `scale(${scale}) translate(${-tile.x}px, ${-tile.y}px)`;
    box.append(image);
  } else if (picture) {
    const image = h("img", { src: picture, alt: "", loading: "lazy" });
    image.style.width = image.style.height = `${SIDE}px`;
    box.append(image);
  }
  return box;
}
