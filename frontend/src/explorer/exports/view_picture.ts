/** The preview of a view, which chat programs show next to a link. */

import { LIGHT } from "../../circuit/colours";
import { draw, type Seen, svgText } from "./draw";
import { withPicture } from "./png";

const WIDTH = 1200;
const HEIGHT = 630;
const MARGIN = 16;
const QUALITY = 0.88;

/** The place of a picture in the frame: whole, centred, never enlarged. */
export function placed(width: number, height: number): { x: number; y: number; width: number; height: number } {
  const room = { x: WIDTH - 2 * MARGIN, y: HEIGHT - 2 * MARGIN };
  const scale = Math.min(room.x / Math.max(1, width), room.y / Math.max(1, height), 2);
  const side = { width: width * scale, height: height * scale };
  return { x: (WIDTH - side.width) / 2, y: (HEIGHT - side.height) / 2, ...side };
}

/**
 * Draws the visible part of the graph.
 *
 * @throws Error if the browser cannot draw it.
 */
export async function viewPicture(seen: Seen): Promise<Blob> {
  const picture = await draw(seen, LIGHT, false, () => undefined);
  const side = (name: string) => Number(picture.getAttribute(name));
  return withPicture(svgText(picture), async (image) => {
    const canvas = document.createElement("canvas");
    canvas.width = WIDTH;
    canvas.height = HEIGHT;
    const context = canvas.getContext("2d");
    const at = placed(side("width"), side("height"));
    if (context) {
      context.fillStyle = LIGHT.page;
      context.fillRect(0, 0, WIDTH, HEIGHT);
      context.imageSmoothingQuality = "high";
      context.drawImage(image, at.x, at.y, at.width, at.height);
    }
    // Browsers that cannot write WebP write PNG instead, which the server accepts, too.
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/webp", QUALITY));
    if (!blob) throw new Error("The browser could not draw the picture. Try another format.");
    return blob;
  });
}
