/** The groups that fire at a place of the image, by layer, strongest first. */

import { h } from "../base/dom";
import { count } from "../base/format";
import { plainPicture } from "../base/picture";
import { Widget } from "../base/widget";
import { placeOf } from "../circuit/scene";
import { FIRES_AT, type Firing } from "./firing_places";
import type { LensContext } from "./lens_context";
import { groupPictures, layersDown, standsFor } from "./section_group";
import "./groups_at_place.css";

/** The maximum number of groups shown in each layer. */
const MOST = 6;

export class GroupsAtPlace extends Widget<{ release: undefined }> {
  private readonly said = h("p", { class: "small quiet-text", role: "status" });
  private readonly rows = h("div", { class: "lens-here-rows" });
  private readonly release = h("button", { type: "button", class: "quiet", "aria-label": "Unpin the place" }, "✕");
  readonly element: HTMLElement;
  private readonly pictures: ReadonlyMap<string, string | null>;

  constructor(private readonly context: LensContext) {
    super();
    this.pictures = groupPictures(context);
    this.release.title = "Unpin the place (Esc)";
    this.release.addEventListener("click", () => this.emit("release", undefined));
    const head = h("div", { class: "lens-here-head" }, this.said, this.release);
    this.element = h("div", { class: "lens-here" }, h("div", { class: "lens-here-card" }, head, this.rows));
    this.show(null, false);
  }

  /** Shows the groups at a place; null for no place. For a pinned place, `held`, the list gets room of its own. */
  show(firing: readonly Firing[] | null, held: boolean): void {
    this.element.dataset.state = firing === null ? "none" : held ? "held" : "passing";
    this.release.hidden = !held;
    this.said.textContent = firing === null ? "" : sentence(firing);
    this.rows.replaceChildren(...(firing ? this.layers(firing) : []));
  }

  private layers(firing: readonly Firing[]): HTMLElement[] {
    return layersDown(this.context).flatMap((name) => {
      const own = firing.filter(({ group }) => group.layer === name);
      if (own.length === 0) return [];
      const rest = own.length - MOST;
      const more = rest > 0 && h("span", { class: "small quiet-text" }, `and ${rest} more`);
      const chips = h("div", { class: "lens-chips" }, ...own.slice(0, MOST).map((one) => this.chip(one)), more);
      return [h("div", { class: "lens-here-layer" }, h("span", { class: "small quiet-text" }, name), chips)];
    });
  }

  private chip({ group, value }: Firing): HTMLElement {
    const { number } = placeOf(group.id);
    const title = `Group ${number} in ${group.layer}: ${value.toFixed(2)} × its activation on its own patches`;
    const chip = h(
      "button",
      { type: "button", class: "quiet lens-chip", title },
      h("span", { class: "lens-chip-picture" }, plainPicture(this.pictures.get(group.id) ?? null, "")),
      h("span", {}, h("span", { class: "visually-hidden" }, "group "), String(number)),
      h("span", { class: "number quiet-text" }, value.toFixed(1)),
    );
    return standsFor(chip, this.context, group.id);
  }
}

function sentence(firing: readonly Firing[]): string {
  if (firing.length === 0) return `No group reaches ${FIRES_AT} × its usual activation here.`;
  return `${count(firing.length, "group")} ${firing.length === 1 ? "fires" : "fire"} here:`;
}
