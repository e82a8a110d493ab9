/** A heat map as pixels: grown smoothly to the size it is shown at, then coloured. */

import { heatColour } from "./heat_colours";

export type Mode = "patch" | "heat map" | "overlay";

/** Values row by row from the top; 255 stands for `highest`. */
export interface Grid {
  width: number;
  height: number;
  highest: number;
  values: ArrayLike<number>;
}

/** In the overlay what hardly fires stays clear, and the patch is seen even where it fires most. */
const OVERLAY_ALPHA = 215;

/** Activations at `width` × `height` places by bilinear interpolation between the centres of the map's cells. */
export function grown(map: Grid, width: number, height: number): Float32Array {
  const out = new Float32Array(width * height);
  const unit = map.highest / 255;
  for (let y = 0; y < height; y++) {
    const [above, below, down] = between(y, height, map.height);
    for (let x = 0; x < width; x++) {
      const [left, right, along] = between(x, width, map.width);
      const at = (row: number, column: number) => map.values[row * map.width + column] ?? 0;
      const top = at(above, left) * (1 - along) + at(above, right) * along;
      const bottom = at(below, left) * (1 - along) + at(below, right) * along;
      out[y * width + x] = unit * (top * (1 - down) + bottom * down);
    }
  }
  return out;
}

/**
 * RGBA pixels of activations.
 *
 * `highest` gets the lightest colour. Below `threshold` (a share of `highest`) a place stays clear.
 */
export function coloured(
  values: Float32Array,
  highest: number,
  mode: Mode,
  threshold: number,
): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(4 * values.length);
  if (mode === "patch" || highest <= 0) return pixels;
  values.forEach((value, place) => {
    const share = value / highest;
    if (share < threshold) return;
    const alpha = mode === "overlay" ? OVERLAY_ALPHA * Math.min(1, share) : 255;
    pixels.set([...heatColour(share), alpha], 4 * place);
  });
  return pixels;
}

/** Draws it on a canvas of its own pixels. */
export function drawHeatMap(
  canvas: HTMLCanvasElement,
  map: Grid,
  highest: number,
  mode: Mode,
  threshold: number,
): void {
  const context = canvas.getContext("2d");
  if (!context) return;
  const { width, height } = canvas;
  const pixels = coloured(grown(map, width, height), highest, mode, threshold);
  context.putImageData(new ImageData(pixels, width, height), 0, 0);
}

/** The two cells that a pixel's centre lies between, and how far it is from the first to the second. */
function between(pixel: number, pixels: number, cells: number): [number, number, number] {
  const place = Math.min(cells - 1, Math.max(0, ((pixel + 0.5) * cells) / pixels - 0.5));
  const first = Math.floor(place);
  return [first, Math.min(cells - 1, first + 1), place - first];
}
