/** Labels and notes whose group no longer exists since the circuit was recomputed. */

import { h } from "../base/dom";
import { moment } from "../base/format";
import { Widget } from "../base/widget";
import { Section } from "../circuit/section";
import type { CircuitNotes } from "./circuit_notes";
import { ThreadView } from "./thread_list";
import type { Label, Thread } from "./types";

export class LostList extends Widget {
  readonly element: HTMLElement;

  constructor(
    private readonly circuitNotes: CircuitNotes,
    signal: AbortSignal,
  ) {
    super();
    this.element = new Section(null, () => this.load(), signal, 2).element;
  }

  private async load(): Promise<Node[]> {
    const { api } = this.circuitNotes;
    const [labels, threads] = await Promise.all([api.labels(true), api.threads(true)]);
    if (labels.length + threads.length === 0) {
      return [h("p", { class: "quiet-text small" }, "None. Every label and note has its group.")];
    }
    return [
      h("ul", { class: "plain-list" }, ...labels.map(labelRow)),
      h("ul", { class: "threads" }, ...threads.map((thread) => this.threadRow(thread))),
    ];
  }

  private threadRow(thread: Thread): HTMLElement {
    const was = h("p", { class: "small quiet-text" }, `was on ${formerName(thread)}`);
    return new ThreadView(this.circuitNotes, thread, was).element;
  }
}

function labelRow(label: Label): HTMLElement {
  return h(
    "li",
    { class: "lost-label" },
    h("strong", {}, label.name || "no name"),
    label.description && ` – ${label.description}`,
    h("span", { class: "small quiet-text" }, ` · was ${formerName(label)} · ${label.by}, ${moment(label.changed_at)}`),
  );
}

/** `layer4.1/3, with neurons 7 and 12`. */
function formerName({ former }: Pick<Label, "former">): string {
  const groups = Object.entries(former ?? {});
  if (groups.length === 0) return "a group that no longer exists";
  return groups.map(([id, neurons]) => `${id}, with neurons ${neurons.join(", ")}`).join("; ");
}
