/** All widgets of the explorer in their places, and what each shows. */

import { h } from "../base/dom";
import type { InImage } from "../circuit/inspector_widget";
import { LIT_WORDS } from "../circuit/model/marks";
import { nameOf } from "../circuit/model/rows";
import type { NodeId } from "../circuit/types";
import { Centre } from "./centre";
import { FilterBar } from "./filter_bar";
import { Frame } from "./frame";
import { HeadLine } from "./head_line";
import { Inspector } from "./inspector/inspector";
import { InspectorPanel } from "./inspector_panel";
import { Legend } from "./legend";
import { Notices } from "./notices";
import type { Session } from "./session";
import { Summary } from "./summary";
import { MergeBar, Toolbar } from "./toolbar";

/** Groups that the user marks to merge. */
export interface Marking {
  on: boolean;
  nodes: ReadonlySet<NodeId>;
}

export class Screen {
  readonly head = new HeadLine();
  readonly summary = new Summary();
  readonly notices = new Notices();
  readonly toolbar = new Toolbar();
  readonly filters = new FilterBar();
  readonly centre = new Centre();
  readonly legend = new Legend();
  readonly mergeBar = new MergeBar();
  readonly panel = new InspectorPanel();
  readonly inspector = new Inspector();
  readonly frame: Frame;
  /** Shows groups in the open image, for the inspector. */
  inGroup: InImage | null = null;
  private explained: object | null = null;

  /** `head` replaces the circuit's head. */
  constructor(main: HTMLElement, head: HTMLElement = this.head.element) {
    this.centre.element.append(this.legend.element, this.mergeBar.element);
    this.panel.body.append(this.inspector.element);
    this.frame = new Frame(main, {
      head,
      summary: this.summary.element,
      notices: this.notices.element,
      toolbar: this.toolbar.element,
      counts: this.filters.counts,
      filters: this.filters.element,
      centre: this.centre.element,
      handle: this.panel.handle,
      panel: this.panel.element,
      body: this.panel.body,
    });
    this.inspector.on("hover", (id) => this.centre.hover(id));
    this.frame.bare(true);
    this.centre.say(h("p", { class: "message ex-loading", role: "status" }, "Loading the circuit…"));
  }

  /** Shows the circuit in its state. */
  show(session: Session, marking: Marking): void {
    const { circuit, state, view, matching } = session;
    const node = view.nodes.some((each) => each.id === state.select) ? state.select : null;
    this.frame.bare(false);
    this.frame.show(state);
    if (this.explained !== circuit) this.summary.show(circuit);
    this.explained = circuit;
    this.toolbar.show(state, {
      canExpand: session.canExpand(node),
      expanded: session.isExpanded(node),
      isSuper: session.isSuper(node),
      legend: this.legend.open,
      explained: this.summary.open && state.select === null && state.inspector > 0 && state.panel === "inspector",
      marking: marking.on,
    });
    this.filters.show({ circuit, state, view, node, found: matching?.size ?? null });
    this.centre.show({
      circuit,
      view,
      state,
      found: matching,
      marked: marking.nodes,
      lit: session.marks,
      noted: session.noted,
    });
    this.legend.explainsImage = session.marks !== null;
    this.legend.element.classList.toggle("away", state.show === "table");
    this.mergeBar.show(marking.on, marking.nodes.size);
    // Details can be loaded only when the circuit is completely computed.
    const inspected = circuit.overview.computed_at === null ? null : state.select;
    this.panel.show({ ...state, select: inspected });
    this.inspector.show(view, circuit.overview, inspected, session.marks && this.inGroup);
    this.frame.speak([nameOf(view, state.select) ?? "", spokenMark(session)].filter(Boolean).join(", "));
  }
}

/** The mark of the selected node in the open image, in words. */
function spokenMark({ marks, state }: Session): string {
  const mark = state.select === null ? undefined : marks?.get(state.select);
  if (!mark) return "";
  const word = mark.lit === "neither" ? "does not fire" : LIT_WORDS[mark.lit];
  return mark.percentile === null ? word : `${word}, percentile ${Math.round(mark.percentile)}`;
}
