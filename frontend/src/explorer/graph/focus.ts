/** What is emphasised on the canvas: the selection, search results, and highlighted paths. */

import type { Core } from "cytoscape";
import type { EdgeId, NodeId, ViewGraph } from "../../circuit/types";
import { type Paths, pathsThrough } from "./paths";

export class Focus {
  private selected: NodeId | EdgeId | null = null;
  private lit: NodeId | EdgeId | null = null;
  private picked: ReadonlySet<NodeId> = new Set();
  private found: ReadonlySet<NodeId> | null = null;
  private touched: ReadonlySet<NodeId> | null = null;

  select(id: NodeId | EdgeId | null): void {
    this.selected = id;
  }

  pick(nodes: ReadonlySet<NodeId>): void {
    this.picked = nodes;
  }

  mark(found: ReadonlySet<NodeId> | null): void {
    this.found = found;
  }

  touch(nodes: ReadonlySet<NodeId> | null): void {
    this.touched = nodes;
  }

  /** Whether this changes anything. */
  highlight(id: NodeId | EdgeId | null): boolean {
    if (this.lit === id) return false;
    this.lit = id;
    return true;
  }

  /** Updates the canvas. Returns the highlighted edges; null if nothing is dimmed. */
  apply(cy: Core, view: ViewGraph): ReadonlySet<EdgeId> | null {
    const bright = brightOf(view, this.lit, this.touched ?? this.found);
    cy.batch(() => {
      cy.nodes().forEach((node) => {
        const id = node.id();
        node.toggleClass("dim", bright !== null && !bright.nodes.has(id));
        node.toggleClass("found", this.found?.has(id) ?? false);
        node.toggleClass("picked", this.picked.has(id));
        node.toggleClass("hover", id === this.lit);
        node.toggleClass("selected", id === this.selected);
      });
      cy.edges().forEach((edge) => {
        const id = edge.id();
        const inside = bright?.edges.has(id) ?? false;
        edge.toggleClass("dim", bright !== null && !inside);
        edge.toggleClass("lit", this.lit !== null && inside);
        edge.toggleClass("hover", id === this.lit);
        edge.toggleClass("selected", id === this.selected);
      });
    });
    return bright?.edges ?? null;
  }

  get selection(): NodeId | EdgeId | null {
    return this.selected;
  }
}

/** The nodes and edges that are not dimmed; null if nothing is dimmed. */
export function brightOf(
  view: ViewGraph,
  lit: NodeId | EdgeId | null,
  found: ReadonlySet<NodeId> | null,
): Paths | null {
  const isThere =
    lit !== null && (view.nodes.some((one) => one.id === lit) || view.edges.some((one) => one.id === lit));
  if (isThere) return pathsThrough(view, lit);
  if (!found) return null;
  const nodes = new Set(found);
  for (const node of view.nodes) if (node.parent !== null && found.has(node.id)) nodes.add(node.parent);
  const edges = view.edges.filter((edge) => nodes.has(edge.source) && nodes.has(edge.target));
  return { nodes, edges: new Set(edges.map((edge) => edge.id)) };
}
