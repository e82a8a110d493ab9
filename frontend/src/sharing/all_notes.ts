/** All notes of the circuit, each with a link to its subject, and those without a group. */

import { h } from "../base/dom";
import { InspectorWidget } from "../circuit/inspector_widget";
import { Scene } from "../circuit/scene";
import { SectionFold } from "../circuit/section_fold";
import type { CircuitNotes } from "./circuit_notes";
import { LostList } from "./lost_list";
import { ThreadList } from "./thread_list";
import { type Subject, subjectOf, type Thread } from "./types";

export class AllNotes extends InspectorWidget {
  readonly element: HTMLElement;

  constructor(
    private readonly circuitNotes: CircuitNotes,
    private readonly built: Scene,
    signal: AbortSignal,
  ) {
    super();
    const all = new SectionFold("All notes", "on groups, edges and the circuit", () => [
      new ThreadList(circuitNotes, null, signal, (thread) => this.way(thread)).element,
    ]);
    const lost = new SectionFold("Without a group", "their group no longer exists", () => [
      new LostList(circuitNotes, signal).element,
    ]);
    this.element = h("div", {}, all.element, lost.element);
  }

  /** The view with the current labels. */
  private get scene(): Scene {
    return new Scene(this.built.view, this.built.overview, this.circuitNotes.names());
  }

  private way(thread: Thread): Node {
    const subject = subjectOf(thread);
    const button = h(
      "button",
      { type: "button", class: "quiet small thread-on" },
      `on ${subjectName(subject, this.scene)}`,
    );
    const id = nodeOf(subject, this.scene);
    if (id !== null) this.jump(button, id);
    return button;
  }
}

export function subjectName(subject: Subject, scene: Scene): string {
  if (subject.kind === "group") return scene.fullName(subject.group);
  if (subject.kind === "edge")
    return `the edge from ${scene.fullName(subject.source)} to ${scene.name(subject.target)}`;
  return "the circuit";
}

/** The node or edge whose panel shows the notes on a subject; for the circuit, the class. */
export function nodeOf(subject: Subject, scene: Scene): string | null {
  if (subject.kind === "group") return scene.nodeOf(subject.group);
  if (subject.kind === "edge") return `${scene.nodeOf(subject.source)}>${scene.nodeOf(subject.target)}`;
  const top = scene.overview.layers.at(-1)?.name;
  return scene.overview.groups.find(({ layer }) => layer === top)?.id ?? null;
}
