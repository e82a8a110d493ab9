/** Pictures for files: cut from the layers' sheets and embedded, so that a file works offline. */

import type { Tile } from "../../circuit/types";
import { mosaicCells } from "../graph/mosaics";

/** JPEG, as patches are photographs: it takes a tenth of PNG, and all programs can read it. */
const TYPE = "image/jpeg";
const QUALITY = 0.9;

/** A square of a sheet, or the address of a whole picture. */
export type Source = Tile | string;

/** Loads each sheet once; `close` frees them. */
export class Cuttings {
  private readonly sheets = new Map<string, Promise<ImageBitmap | null>>();

  /** A mosaic of patches, as the graph shows it; null if none can be loaded. */
  async mosaic(sources: readonly Source[], side: number, gap: string): Promise<string | null> {
    const pictures = await Promise.all(sources.map((source) => this.load(addressOf(source))));
    if (pictures.every((picture) => picture === null)) return null;
    const context = canvas(side, side);
    if (!context) return null;
    context.fillStyle = gap;
    context.fillRect(0, 0, side, side);
    mosaicCells(sources.length, side).forEach((cell, index) => {
      const picture = pictures[index];
      const source = sources[index];
      if (picture && source) draw(context, picture, source, cell.x, cell.y, cell.side);
    });
    return context.canvas.toDataURL(TYPE, QUALITY);
  }

  /** A patch in full resolution. */
  async patch(source: Source): Promise<string | null> {
    const picture = await this.load(addressOf(source));
    if (!picture) return null;
    const side = typeof source === "string" ? Math.max(picture.width, picture.height) : source.side;
    const context = canvas(side, side);
    if (!context) return null;
    context.fillStyle = "white";
    context.fillRect(0, 0, side, side);
    draw(context, picture, source, 0, 0, side);
    return context.canvas.toDataURL(TYPE, QUALITY);
  }

  close(): void {
    for (const sheet of this.sheets.values()) void sheet.then((bitmap) => bitmap?.close());
    this.sheets.clear();
  }

  private load(address: string): Promise<ImageBitmap | null> {
    let found = this.sheets.get(address);
    if (!found) {
      // A missing picture leaves a gap in the file.
      found = bitmapAt(address).catch(() => null);
      this.sheets.set(address, found);
    }
    return found;
  }
}

const addressOf = (source: Source): string => (typeof source === "string" ? source : source.sheet);

async function bitmapAt(address: string): Promise<ImageBitmap | null> {
  const answer = await fetch(address);
  return answer.ok ? createImageBitmap(await answer.blob()) : null;
}

function canvas(width: number, height: number): CanvasRenderingContext2D | null {
  const element = document.createElement("canvas");
  element.width = width;
  element.height = height;
  const context = element.getContext("2d");
  if (context) context.imageSmoothingQuality = "high";
  return context;
}

/** Draws a picture into a square: the whole picture, in its own proportions. */
function draw(
  context: CanvasRenderingContext2D,
  picture: ImageBitmap,
  source: Source,
  x: number,
  y: number,
  side: number,
): void {
  if (typeof source !== "string") {
    context.drawImage(picture, source.x, source.y, source.side, source.side, x, y, side, side);
    return;
  }
  const scale = side / Math.max(picture.width, picture.height);
  const [width, height] = [picture.width * scale, picture.height * scale];
  context.drawImage(picture, x + (side - width) / 2, y + (side - height) / 2, width, height);
}
