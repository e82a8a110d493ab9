/** Converts an SVG picture to PNG. */

const DENSITY = 2;
/** The browsers' limit for canvases. Larger pictures are scaled down. */
const LONGEST_SIDE = 12_000;
const MOST_PIXELS = 100_000_000;

/** The number of pixels for each unit of a picture. */
export function densityFor(width: number, height: number): number {
  const bySide = LONGEST_SIDE / Math.max(1, width, height);
  const byArea = Math.sqrt(MOST_PIXELS / Math.max(1, width * height));
  return Math.min(DENSITY, bySide, byArea);
}

/**
 * A PNG file, in double resolution if the canvas allows it.
 *
 * @throws Error if the browser cannot draw it.
 */
export function pngOf(svgText: string, width: number, height: number): Promise<Blob> {
  return withPicture(svgText, async (image) => {
    const density = densityFor(width, height);
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(width * density);
    canvas.height = Math.round(height * density);
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
    if (!blob) throw new Error("The browser could not draw a picture of this size. Zoom out or filter the circuit.");
    return blob;
  });
}

/** Calls `use` with the picture as an image that can be drawn. */
export async function withPicture<T>(svgText: string, use: (image: HTMLImageElement) => Promise<T>): Promise<T> {
  const address = URL.createObjectURL(new Blob([svgText], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    return await use(image);
  } finally {
    URL.revokeObjectURL(address);
  }
}
