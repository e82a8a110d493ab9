/** Pictures of a node in a row: squares of its layer's sheet, or pictures of their own. */

import { h } from "../../base/dom";
import type { Tile } from "../types";
import { plainPicture } from "../../base/picture";
import type { Scene } from "./scene";
import "./tile_strip.css";

const SIDE = 44;

/** At most `most` pictures of the node; its one known picture where the view has none. */
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
  // The sheet is moved and scaled behind its window: that needs no knowledge of how large it is.
  image.style.transform = `scale(${SIDE / side}) translate(${-x}px, ${-y}px)`;
  return h("span", {}, image);
}
