/** A node's edges in four lists: from below and to above, exciting and inhibiting. Each row is a link. */

import { h } from "../../base/dom";
import { signed } from "../../base/format";
import { plainPicture } from "../../base/picture";
import type { GroupDetail } from "../../circuit/answers";
import { InspectorWidget } from "../../circuit/inspector_widget";
import type { Scene } from "../../circuit/scene";
import { shortList, weightBar } from "../../circuit/section";
import type { NodeId } from "../../circuit/types";
import "./edge_lists.css";

const MOST = 6;

/** The node at the other end, and the edge's weight. */
export interface End {
  node: NodeId;
  /** The edge's id in the view. */
  edge: string;
  weight: number;
  picture: string | null;
}

export interface Ends {
  into: End[];
  outOf: End[];
}

export class EdgeLists extends InspectorWidget {
  readonly element: HTMLElement;

  constructor(
    private readonly scene: Scene,
    { into, outOf }: Ends,
  ) {
    super();
    const largest = Math.max(0, ...[...into, ...outOf].map(({ weight }) => Math.abs(weight)));
    const drives = (ends: End[]) => ends.filter(({ weight }) => weight >= 0);
    const inhibiting = (ends: End[]) => ends.filter(({ weight }) => weight < 0);
    const lists: ([string, End[]] | null)[] = [
      into.length > 0 ? ["Excited by, below", drives(into)] : null,
      into.length > 0 ? ["Inhibited by, below", inhibiting(into)] : null,
      outOf.length > 0 ? ["Excites, above", drives(outOf)] : null,
      outOf.length > 0 ? ["Inhibits, above", inhibiting(outOf)] : null,
    ];
    const shown = lists.map((found) => found && this.list(...found, largest));
    const none =
      shown.every((list) => list === null) && h("p", { class: "quiet-text small" }, "No edges. Filters may hide some.");
    this.element = h("div", { class: "edge-lists" }, ...shown, none);
  }

  private list(title: string, ends: End[], largest: number): HTMLElement {
    const sorted = ends.toSorted((one, other) => Math.abs(other.weight) - Math.abs(one.weight));
    const size = h("span", { class: "quiet-text" }, ends.length > 0 ? String(ends.length) : "none");
    const rows = ends.length > 0 && shortList(sorted, (end) => this.row(end, largest), MOST);
    return h("section", {}, h("h4", {}, title, " ", size), rows);
  }

  private row(end: End, largest: number): HTMLElement {
    const to = h(
      "button",
      { type: "button", class: "quiet jump" },
      h("span", { class: "thumb" }, plainPicture(end.picture, "")),
      h("span", { class: "jump-name" }, this.scene.fullName(end.node)),
    );
    this.jump(to, end.node);
    const number = signed(end.weight);
    const why = h("button", { type: "button", class: "quiet weight" }, weightBar(end.weight, largest), number);
    why.setAttribute("aria-label", `Weight ${number}: inspect this edge`);
    why.title = "Inspect this edge";
    why.addEventListener("click", () => this.emit("select", end.edge));
    return h("li", { class: "edge-row" }, to, why);
  }
}

/** The edges of a group in the circuit, including filtered ones. */
export function endsOfGroup(group: GroupDetail, scene: Scene): Ends {
  const own = scene.nodeOf(group.id);
  const end = (up: boolean) => (edge: GroupDetail["in_positive"][number]) => {
    const node = scene.nodeOf(edge.group);
    const between = up ? `${own}>${node}` : `${node}>${own}`;
    // If the other end is expanded or merged, the id is still that of the edge between groups.
    const plain = up ? `${group.id}>${edge.group}` : `${edge.group}>${group.id}`;
    return { node, edge: scene.edge(plain) ? plain : between, weight: edge.weight, picture: edge.picture };
  };
  return {
    into: [...group.in_positive, ...group.in_negative].map(end(false)),
    outOf: [...group.out_positive, ...group.out_negative].map(end(true)),
  };
}

/** The edges of a node in the view: sums for a super-group, edges between parts for a part. */
export function endsOfNode(id: NodeId, scene: Scene): Ends {
  const end = (node: NodeId, edge: { id: string; weight: number }) => ({
    node,
    edge: edge.id,
    weight: edge.weight,
    picture: scene.picture(node),
  });
  const { edges } = scene.view;
  return {
    into: edges.filter(({ target }) => target === id).map((edge) => end(edge.source, edge)),
    outOf: edges.filter(({ source }) => source === id).map((edge) => end(edge.target, edge)),
  };
}
