/**
 * A heat map as pixels: grown smoothly to the size it is shown at, then coloured, from dark blue over red to light yellow.
 *
 * Lightness rises evenly (a straight line in OKLab), so that equal steps look equal and the order survives greyscale and
 * every kind of colour vision. Chroma is as high as sRGB allows, up to a bound.
 */

export type Mode = "patch" | "heat map" | "overlay";

/** Values row by row from the top; 255 stands for `highest`. */
export interface Grid {
  width: number;
  height: number;
  highest: number;
  values: ArrayLike<number>;
}

/** In the overlay, low activations stay transparent, and the patch stays visible below the highest. */
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
 * `highest` gets the lightest colour. Activations below `threshold`, a share of `highest`, stay transparent.
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

/** Draws a heat map in the canvas's own pixels. */
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

export type Colour = readonly [red: number, green: number, blue: number];

const DARKEST = 0.16;
const LIGHTEST = 0.95;
const FIRST_HUE = 282;
const HUES = 184;
const MOST_CHROMA = 0.19;
const STEPS = 256;

/** The colours of 256 values, 0…255 for each channel. */
export const HEAT_COLOURS: readonly Colour[] = Array.from({ length: STEPS }, (_, step) => colourAt(step / (STEPS - 1)));

/** The colour of a share, which is clamped to [0, 1]. */
export function heatColour(share: number): Colour {
  const step = Math.round(Math.min(1, Math.max(0, share)) * (STEPS - 1));
  return HEAT_COLOURS[step] ?? [0, 0, 0];
}

function colourAt(share: number): Colour {
  const lightness = DARKEST + (LIGHTEST - DARKEST) * share;
  const hue = ((FIRST_HUE + HUES * share) * Math.PI) / 180;
  let inside = 0;
  let outside = MOST_CHROMA;
  for (let halving = 0; halving < 12; halving++) {
    const chroma = (inside + outside) / 2;
    if (inGamut(toLinear(lightness, chroma, hue))) inside = chroma;
    else outside = chroma;
  }
  const [red, green, blue] = toLinear(lightness, inside, hue);
  return [encode(red), encode(green), encode(blue)];
}

/** OKLCh to linear sRGB: B. Ottosson, "A perceptual color space for image processing" (2020). */
function toLinear(lightness: number, chroma: number, hue: number): Colour {
  const a = chroma * Math.cos(hue);
  const b = chroma * Math.sin(hue);
  const long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const short = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
    -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
    -0.0041960863 * long - 0.7034186147 * medium + 1.707614701 * short,
  ];
}

function inGamut(colour: Colour): boolean {
  return colour.every((channel) => channel >= 0 && channel <= 1);
}

function encode(linear: number): number {
  const clamped = Math.min(1, Math.max(0, linear));
  return Math.round(255 * (clamped <= 0.0031308 ? 12.92 * clamped : 1.055 * clamped ** (1 / 2.4) - 0.055));
}
