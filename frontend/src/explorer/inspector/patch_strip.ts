/** Patches in a row, small, each named by its image. */

import { h } from "../../base/dom";
import type { Patch } from "./answers";
import { plainPicture } from "../../base/picture";

/** At most `most` of them. */
export function patchStrip(patches: readonly Patch[], most: number): HTMLElement {
  const items = patches.slice(0, most).map((patch) => {
    const { left, top, right, bottom } = patch.box;
    const place = `${patch.image.name}, from ${left}, ${top} to ${right}, ${bottom}`;
    return h("li", { title: place }, plainPicture(patch.picture, `Patch of ${patch.image.name}`));
  });
  return h("ol", { class: "patch-strip" }, ...items);
}
