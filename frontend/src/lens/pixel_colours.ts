/** Signed values of pixels as colours: what adds in one, what takes away in the other, clear where there is nothing. */

import { pageColours } from "../circuit/colours";

interface Signed {
  width: number;
  height: number;
  /** A signed byte a pixel in base64, row by row. */
  values: string;
}

export type Rgb = readonly [red: number, green: number, blue: number];

const LARGEST = 127;

/** The bytes with their signs. */
export function signedBytes(values: string): Int8Array {
  return Int8Array.from(atob(values), (letter) => letter.charCodeAt(0));
}

/** RGBA pixels, the clearer the smaller the value. */
export function signedPixels(values: Int8Array, positive: Rgb, negative: Rgb): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(4 * values.length);
  values.forEach((value, place) => {
    const share = Math.min(1, Math.abs(value) / LARGEST);
    pixels.set([...(value < 0 ? negative : positive), 255 * share], 4 * place);
  });
  return pixels;
}

/** Draws them in the page's colours of signs. */
export function drawPixels(canvas: HTMLCanvasElement, { width, height, values }: Signed): void {
  const context = canvas.getContext("2d");
  const bytes = signedBytes(values);
  if (!context || bytes.length !== width * height) return;
  const { positive, negative } = pageColours();
  context.putImageData(new ImageData(signedPixels(bytes, rgb(positive), rgb(negative)), width, height), 0, 0);
}

/** `#2166ac` as its channels. */
export function rgb(colour: string): Rgb {
  const number = Number.parseInt(colour.slice(1), 16);
  return [(number >> 16) & 255, (number >> 8) & 255, number & 255];
}
