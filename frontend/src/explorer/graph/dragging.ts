/** What follows a node that a person drags: the curves at it bend by where their ends stand. */

import type { Core } from "cytoscape";
import type { NodeId } from "../../circuit/types";
import { bends } from "./curve";
import type { Place } from "./geometry";
import type { Placement } from "./placement";

/** A node's place where it stands now; null where it has none. */
export function standsAt(cy: Core, placement: Placement, id: NodeId): Place | null {
  const at = cy.getElementById(id);
  const place = placement.places.get(id);
  return at.nonempty() && at.isNode() && place ? { ...place, ...at.position() } : null;
}

export function bendEdges(cy: Core, placement: Placement, id: NodeId): void {
  const moved = cy.getElementById(id);
  if (moved.empty()) return;
  const edges = moved.union(moved.descendants()).connectedEdges();
  edges.forEach((edge) => {
    const [source, target] = [edge.source(), edge.target()].map((end) => standsAt(cy, placement, end.id()));
    if (source && target) edge.data(bends(source, target));
  });
}
