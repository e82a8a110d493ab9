/** A node's exemplars as one picture: cut from the layer's sheet once, and cached as a blob. */

import type { Tile } from "../../circuit/types";

/** A square on the mosaic. */
export interface Cell {
  x: number;
  y: number;
  side: number;
}

const GAP = 2;

/** The side of a square for `count` patches of `tile` pixels in full resolution. */
export function mosaicSide(count: number, tile: number): number {
  const columns = Math.max(1, Math.ceil(Math.sqrt(count)));
  return columns * tile + (columns - 1) * GAP;
}

/** The squares for `count` patches in a square of `side` pixels. The last row is centred. */
export function mosaicCells(count: number, side: number): Cell[] {
  const columns = Math.max(1, Math.ceil(Math.sqrt(count)));
  const rows = Math.max(1, Math.ceil(count / columns));
  const cell = Math.floor((side - GAP * (columns - 1)) / columns);
  const inset = (n: number) => Math.floor((side - n * cell - (n - 1) * GAP) / 2);
  return Array.from({ length: count }, (_, i) => {
    const row = Math.floor(i / columns);
    const inRow = Math.min(columns, count - row * columns);
    return {
      x: inset(inRow) + (i % columns) * (cell + GAP),
      y: inset(rows) + row * (cell + GAP),
      side: cell,
    };
  });
}

/** The pictures of one graph. */
export class Mosaics {
  private readonly sheets = new Map<string, Promise<ImageBitmap>>();
  private readonly drawn = new Map<string, Promise<string | null>>();
  private readonly ready: string[] = [];
  private closed = false;

  /** The address of a mosaic of `sources` in a square of `side` pixels; null if no picture can be loaded. */
  picture(sources: readonly (Tile | string)[], side: number): Promise<string | null> {
    if (sources.length === 0) return Promise.resolve(null);
    const key = `${side} ${sources.map((one) => (typeof one === "string" ? one : `${one.sheet} ${one.x} ${one.y}`)).join(" ")}`;
    let found = this.drawn.get(key);
    if (!found) {
      found = this.draw(sources, side).catch(() => null);
      this.drawn.set(key, found);
    }
    return found;
  }

  /** Frees every picture. */
  close(): void {
    this.closed = true;
    for (const url of this.ready) URL.revokeObjectURL(url);
    for (const sheet of this.sheets.values()) {
      sheet.then(
        (bitmap) => bitmap.close(),
        () => undefined,
      );
    }
    this.sheets.clear();
    this.drawn.clear();
  }

  private async draw(sources: readonly (Tile | string)[], side: number): Promise<string | null> {
    const pictures = await Promise.all(sources.map((one) => this.load(typeof one === "string" ? one : one.sheet)));
    if (this.closed) return null;
    const canvas = document.createElement("canvas");
    canvas.width = side;
    canvas.height = side;
    const context = canvas.getContext("2d");
    if (!context) return null;
    context.imageSmoothingQuality = "high";
    mosaicCells(sources.length, side).forEach((cell, i) => {
      const picture = pictures[i];
      const source = sources[i];
      if (!picture || source === undefined) return;
      const cut = typeof source === "string" ? middle(picture) : source;
      context.drawImage(picture, cut.x, cut.y, cut.side, cut.side, cell.x, cell.y, cell.side, cell.side);
    });
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/webp", 0.9));
    if (!blob || this.closed) return null;
    const url = URL.createObjectURL(blob);
    this.ready.push(url);
    return url;
  }

  private load(address: string): Promise<ImageBitmap | null> {
    let sheet = this.sheets.get(address);
    if (!sheet) {
      sheet = fetch(address).then(async (answer) => {
        if (!answer.ok) throw new Error(`no picture at ${address}`);
        return createImageBitmap(await answer.blob());
      });
      this.sheets.set(address, sheet);
    }
    // A missing patch leaves its square empty.
    return sheet.catch(() => null);
  }
}

/** The largest square in the middle of a picture. */
function middle(picture: ImageBitmap): Cell {
  const side = Math.min(picture.width, picture.height);
  return { x: (picture.width - side) / 2, y: (picture.height - side) / 2, side };
}
