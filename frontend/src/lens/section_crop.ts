/** A part of the image that was looked at, cut out by the browser alone. */

import { h } from "../base/dom";
import { plainPicture } from "../base/picture";
import { aspect } from "../circuit/patch_look";
import type { Box } from "../circuit/types";
import "./section_crop.css";

interface Image {
  picture: string | null;
  /** In the pixels that boxes are told in. */
  width: number;
  height: number;
}

export function cropView(image: Image, box: Box, alt: string): HTMLElement {
  const whole = plainPicture(image.picture, alt);
  const width = Math.max(1, box.right - box.left);
  const height = Math.max(1, box.bottom - box.top);
  const percent = (share: number) => `${(100 * share).toFixed(3)}%`;
  whole.style.width = percent(image.width / width);
  whole.style.height = percent(image.height / height);
  whole.style.left = percent(-box.left / width);
  whole.style.top = percent(-box.top / height);
  const view = h("span", { class: "lens-crop" }, whole);
  view.style.aspectRatio = String(aspect(box));
  return view;
}
