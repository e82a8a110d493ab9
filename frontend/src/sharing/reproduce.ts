/** A view's provenance, whether its circuit can be recomputed, and what a new result changed. */

import { copyText } from "../base/clipboard";
import { confirmDialog } from "../base/dialog";
import { h } from "../base/dom";
import { count, moment } from "../base/format";
import { Widget } from "../base/widget";
import { Section } from "../circuit/section";
import type { Group, Overview } from "../circuit/types";
import type { Provenance } from "./types";
import { provenanceOf } from "./views_api";
import "./reproduce.css";

const CHANGED: Record<string, string> = {
  engine: "the engine’s version changed",
  network: "the network’s weights changed",
  data: "the data set or the parameters changed",
  imported: "the circuit was imported, and its network or data set is not available here",
  hidden: "the network or the data set is no longer visible to you",
};

export class Reproduce extends Widget<{ recompute: undefined }> {
  readonly element: HTMLElement;

  /** `mayCompute`: whether the user can recompute the circuit. */
  constructor(
    view: string,
    private readonly mayCompute: boolean,
    signal: AbortSignal,
  ) {
    super();
    this.element = new Section("Reproduce", async () => this.content(await provenanceOf(view)), signal, 2).element;
  }

  private content(found: Provenance): (Node | null)[] {
    const { network, data, engine_version, computed_at, command, citation, parameters } = found;
    const rows = [
      ["Network", network.spec],
      ["Weights", network.digest],
      ["Data", data.spec],
      ["Images", data.digest],
      ["Class", found.class],
      ["Engine", `NeurFlow Explorer ${engine_version}, ${moment(computed_at)}`],
      [
        "Parameters",
        Object.entries(parameters)
          .map(([name, value]) => `${name} ${JSON.stringify(value)}`)
          .join(", "),
      ],
    ].flatMap(([name, value]) => [h("dt", {}, name ?? ""), h("dd", {}, h("code", {}, value ?? ""))]);
    return [
      h("dl", { class: "provenance small" }, ...rows),
      copied("Command", command, "Command copied."),
      copied("Citation", citation.text, "Citation copied."),
      copied("BibTeX", citation.bibtex, "BibTeX copied."),
      this.again(found),
    ];
  }

  private again({ repeatable, changed, circuit }: Provenance): HTMLElement | null {
    if (changed.includes("imported") || changed.includes("hidden"))
      return h("p", { class: "small" }, `${sentence(changed)} You can’t recompute it here.`);
    const button = h("button", { type: "button" }, "Recompute and compare…");
    button.addEventListener("click", () => void this.recompute(circuit.name));
    const about = repeatable
      ? "Nothing has changed since, so the result should be the same."
      : `${sentence(changed)} The result may differ.`;
    return h("div", {}, h("p", { class: "small" }, about), this.mayCompute && button);
  }

  private async recompute(name: string): Promise<void> {
    const text =
      "The circuit is traced again for all users. This can take as long as the first time. The present result stays " +
      "until the new one is ready and compared with it. Labels and notes move to the new groups.";
    if (await confirmDialog(`Recompute “${name}”?`, text, "Recompute")) this.emit("recompute", undefined);
  }
}

function sentence(changed: readonly string[]): string {
  const words = changed.map((name) => CHANGED[name] ?? name).join(", and ");
  return `Since then, ${words}.`;
}

function copied(title: string, text: string, done: string): HTMLElement {
  const copy = h("button", { type: "button", class: "quiet small", "aria-label": `Copy: ${title}` }, "Copy");
  copy.addEventListener("click", () => void copyText(text, done));
  return h(
    "div",
    { class: "copied" },
    h("p", { class: "small quiet-text" }, title, copy),
    h("pre", { class: "small", tabindex: 0 }, text),
  );
}

/** Contributions are shown with one decimal of a per cent. Smaller changes are ignored. */
const LEAST = 0.0005;

/** What changed between two results of a circuit, in a sentence or two. */
export function compared(before: Overview, after: Overview): string {
  const old = new Map(before.groups.map((group) => [identity(group), group]));
  const kept = after.groups.flatMap((group) => {
    const was = old.get(identity(group));
    return was ? [Math.abs(group.contribution - was.contribution)] : [];
  });
  const fresh = after.groups.length - kept.length;
  const gone = old.size - kept.length;
  const most = Math.max(0, ...kept);
  const same = fresh === 0 && gone <= 0 && most < LEAST;
  const versions = before.engine_version === after.engine_version ? "" : ` with engine ${after.engine_version ?? "?"}`;
  if (same) return `Recomputed${versions}: the result is the same, group by group.`;
  const groups = `${kept.length} of ${count(after.groups.length, "group")} have the same neurons as before`;
  const others = [fresh > 0 && `${fresh} new`, gone > 0 && `${gone} gone`].filter(Boolean).join(", ");
  const change = kept.length ? ` The largest change of a contribution is ${(100 * most).toFixed(1)} points.` : "";
  return `Recomputed${versions}: ${groups}${others && `; ${others}`}.${change}`;
}

const identity = ({ layer, neurons }: Group) => `${layer} ${neurons.join(" ")}`;
