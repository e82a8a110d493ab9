/**
 * The colours of heat maps: from dark blue over red to light yellow.
 *
 * Lightness rises evenly (a straight line in OKLab), so that equal steps look equal and the order survives greyscale and
 * every kind of colour vision. Chroma is as high as sRGB allows, up to a bound.
 */

export type Colour = readonly [red: number, green: number, blue: number];

const DARKEST = 0.16;
const LIGHTEST = 0.95;
const FIRST_HUE = 282;
const HUES = 184;
const MOST_CHROMA = 0.19;
const STEPS = 256;

/** For each of 256 values its colour, 0…255 a channel. */
export const HEAT_COLOURS: readonly Colour[] = Array.from({ length: STEPS }, (_, step) => colourAt(step / (STEPS - 1)));

/** The colour of a share in [0, 1]; what lies outside is taken as the nearest end. */
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
  const held = Math.min(1, Math.max(0, linear));
  return Math.round(255 * (held <= 0.0031308 ? 12.92 * held : 1.055 * held ** (1 / 2.4) - 0.055));
}
