/**
 * The faint edges of a large circuit, on their own canvas below the graph's.
 *
 * Drawn when the view does not move, for a few milliseconds in each frame. While it moves, the last picture moves along.
 */

import { h } from "../../base/dom";
import type { EdgeId, ViewEdge } from "../../circuit/types";
import { edgeOpacity, edgeWidth } from "./elements";
import { curvePoints, type Point } from "./geometry";
import type { Placement } from "./placement";
import type { Viewport } from "./pointer";
import { DASH, palette } from "./style";

const BUDGET_MS = 7;
const BATCH = 40;

interface Line {
  id: EdgeId;
  negative: boolean;
  width: number;
  opacity: number;
  points: readonly [Point, Point, Point, Point, Point];
}

export class FaintEdges {
  readonly element = h("canvas", { class: "graph-faint", "aria-hidden": "true" });
  private lines: Line[] = [];
  private bright: ReadonlySet<EdgeId> | null = null;
  private drawn: Viewport = { zoom: 1, pan: { x: 0, y: 0 } };
  private frame = 0;

  /** `count` is the number of all edges, faint or not. */
  show(edges: readonly ViewEdge[], placement: Placement, count: number): void {
    this.lines = edges.flatMap((edge) => {
      const source = placement.places.get(edge.source);
      const target = placement.places.get(edge.target);
      if (!source || !target) return [];
      const points = curvePoints(source, target);
      const opacity = edgeOpacity(edge.size, count);
      return [{ id: edge.id, negative: edge.weight < 0, width: edgeWidth(edge.size), opacity, points }];
    });
    if (this.lines.length === 0) this.clear();
  }

  /** Sets which edges are drawn; null for all. */
  highlight(bright: ReadonlySet<EdgeId> | null): void {
    this.bright = bright;
  }

  /** Moves the picture to a new viewport. */
  follow({ zoom, pan }: Viewport): void {
    if (this.lines.length === 0) return;
    const scale = zoom / this.drawn.zoom;
    const x = pan.x - this.drawn.pan.x * scale;
    const y = pan.y - this.drawn.pan.y * scale;
    this.element.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
  }

  /** Draws again for this viewport. */
  draw(viewport: Viewport, width: number, height: number): void {
    cancelAnimationFrame(this.frame);
    if (this.lines.length === 0) return;
    // Drawn on a second canvas, so that no unfinished picture is visible.
    const aside = document.createElement("canvas");
    const context = aside.getContext("2d");
    if (!context) return;
    aside.width = width;
    aside.height = height;
    const { zoom, pan } = viewport;
    const colours = palette();
    context.setTransform(zoom, 0, 0, zoom, pan.x, pan.y);
    const seen = this.lines.filter(
      (line) => (this.bright?.has(line.id) ?? true) && inView(line, viewport, width, height),
    );
    let next = 0;
    const step = () => {
      const until = performance.now() + BUDGET_MS;
      while (next < seen.length && performance.now() < until) {
        for (const line of seen.slice(next, next + BATCH)) stroke(context, line, colours, zoom);
        next += BATCH;
      }
      if (next < seen.length) this.frame = requestAnimationFrame(step);
      else this.put(aside, viewport);
    };
    step();
  }

  close(): void {
    this.lines = [];
    this.clear();
  }

  private put(picture: HTMLCanvasElement, viewport: Viewport): void {
    const { element } = this;
    element.width = picture.width;
    element.height = picture.height;
    element.getContext("2d")?.drawImage(picture, 0, 0);
    element.style.transform = "none";
    this.drawn = viewport;
  }

  private clear(): void {
    cancelAnimationFrame(this.frame);
    this.element.width = 0;
    this.element.height = 0;
  }
}

function stroke(context: CanvasRenderingContext2D, line: Line, colours: Record<string, string>, zoom: number): void {
  const [from, first, middle, second, to] = line.points;
  context.beginPath();
  context.moveTo(from.x, from.y);
  context.quadraticCurveTo(first.x, first.y, middle.x, middle.y);
  context.quadraticCurveTo(second.x, second.y, to.x, to.y);
  context.strokeStyle = (line.negative ? colours.negative : colours.positive) ?? "gray";
  context.globalAlpha = line.opacity;
  // Thinner lines are drawn unevenly.
  context.lineWidth = Math.max(line.width, 0.5 / zoom);
  context.setLineDash(line.negative ? DASH : []);
  context.stroke();
}

function inView({ points }: Line, { zoom, pan }: Viewport, width: number, height: number): boolean {
  const [from, , , , to] = points;
  const x1 = Math.min(from.x, to.x) * zoom + pan.x;
  const x2 = Math.max(from.x, to.x) * zoom + pan.x;
  return x2 > 0 && x1 < width && from.y * zoom + pan.y > 0 && to.y * zoom + pan.y < height;
}
