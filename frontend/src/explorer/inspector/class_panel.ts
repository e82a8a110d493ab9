/** The panel of the class: edges from below, strongest groups, traced images, notes. */

import { h } from "../../base/dom";
import { count, percent, signedPercent } from "../../base/format";
import { PagedList } from "../../base/paged_list";
import { plainPicture } from "../../base/picture";
import type { CircuitImage } from "../../circuit/answers";
import { InspectorWidget } from "../../circuit/inspector_widget";
import { panelHead, Section } from "../../circuit/section";
import type { NodeId } from "../../circuit/types";
import { AllNotes } from "../../sharing/all_notes";
import { NotesSection } from "../../sharing/notes_section";
import { EdgeLists, endsOfGroup } from "./edge_lists";
import type { PanelContext } from "./panel_context";
import "./class_panel.css";

export class ClassPanel extends InspectorWidget {
  readonly element: HTMLElement;

  constructor(
    private readonly context: PanelContext,
    private readonly id: NodeId,
  ) {
    super();
    const { overview } = context.scene;
    const { signal } = context;
    const traced = overview.result?.network.spec ?? overview.network?.name ?? "the network";
    const about = `output ${overview.result?.target.index ?? ""} of ${overview.network?.name ?? traced}`;
    this.element = h(
      "div",
      {},
      panelHead(`Class ${overview.class}`, about),
      h(
        "p",
        {},
        `The network’s output for “${overview.class}”. Each group below it is a set of neurons that fire on similar ` +
          "patches. Follow the widest edges down to see what the network looks for.",
      ),
      new Section("Edges from below", () => this.edges(), signal).element,
      this.strongest(),
      new Section("Traced images", () => this.images(), signal, 8).element,
      ...this.notes(),
    );
  }

  /** Notes on the circuit, and the list of all notes. */
  private notes(): HTMLElement[] {
    const { circuitNotes, scene, signal } = this.context;
    if (!circuitNotes) return [];
    const own = new NotesSection(circuitNotes, { kind: "circuit" }, "the circuit", signal);
    return [own.element, this.pass(new AllNotes(circuitNotes, scene, signal)).element];
  }

  private async edges(): Promise<Node[]> {
    const { answers, scene, signal } = this.context;
    const group = await answers.group(scene.members(this.id)[0] ?? this.id, signal);
    return [this.pass(new EdgeLists(scene, { into: endsOfGroup(group, scene).into, outOf: [] })).element];
  }

  /** In each layer below, the group with the largest contribution, from the top down. */
  private strongest(): HTMLElement {
    const { scene } = this.context;
    const below = scene.overview.layers.slice(0, -1).toReversed();
    const rows = below.flatMap(({ name }) => {
      const groups = scene.overview.groups.filter((group) => group.layer === name);
      const [best] = groups.toSorted((one, other) => Math.abs(other.contribution) - Math.abs(one.contribution));
      if (!best) return [];
      const to = h(
        "button",
        { type: "button", class: "quiet jump" },
        h("span", { class: "thumb" }, plainPicture(best.picture, "")),
        h("span", { class: "jump-name" }, scene.fullName(best.id)),
        h("span", { class: "number quiet-text" }, signedPercent(best.contribution)),
      );
      this.jump(to, scene.nodeOf(best.id));
      return [h("li", {}, to)];
    });
    const title = h("h3", {}, "Strongest group of each layer");
    return h("section", { class: "inspector-section" }, title, h("ul", { class: "plain-list" }, ...rows));
  }

  private async images(): Promise<Node[]> {
    const { answers, signal } = this.context;
    const first = await answers.images(null, signal);
    const range = h("p", { class: "quiet-text small" });
    const grid = h("ol", { class: "traced-images" });
    const seen: CircuitImage[] = [];
    const paged = new PagedList<CircuitImage>(
      grid,
      {
        page: (cursor, signal) => answers.images(cursor, signal),
        row: tracedImage,
        came: (page) => {
          seen.push(...page.items);
          range.textContent = rangeOf(seen, page.next !== null);
        },
      },
      signal,
    );
    paged.add(first);
    return [range, grid, paged.foot];
  }
}

function tracedImage(image: CircuitImage): HTMLElement {
  const chance = percent(image.probability);
  const name = h("span", { class: "small number quiet-text" }, chance);
  return h("li", { title: `${image.name}: ${chance}` }, plainPicture(image.picture, image.name), name);
}

function rangeOf(images: readonly CircuitImage[], more: boolean): string {
  const chances = images.map(({ probability }) => probability);
  if (chances.length === 0) return "This circuit does not list its images.";
  const range = `${percent(Math.min(...chances))} to ${percent(Math.max(...chances))}`;
  const how = more ? `The first ${images.length}` : `All ${count(images.length, "image")}`;
  return `${how} are predicted as this class with a probability of ${range}.`;
}
