/** Where a patch lies in its whole image, whatever size that is shown at. */

import type { Schemas } from "../../api/client";

type Box = Schemas["Box"];

/** In per cent of the image's sides; what lies outside the image is cut off. */
export interface Share {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** A patch's place in the image. */
export function boxShare(box: Box, image: { width: number; height: number }): Share {
  const left = held(box.left, image.width);
  const right = held(box.right, image.width);
  const top = held(box.top, image.height);
  const bottom = held(box.bottom, image.height);
  return { left, top, width: Math.max(0, right - left), height: Math.max(0, bottom - top) };
}

/** Width by height of a patch; 1 where its box is empty. */
export function aspect(box: Box): number {
  const width = box.right - box.left;
  const height = box.bottom - box.top;
  return width > 0 && height > 0 ? width / height : 1;
}

function held(place: number, size: number): number {
  return size > 0 ? (100 * Math.min(size, Math.max(0, place))) / size : 0;
}
