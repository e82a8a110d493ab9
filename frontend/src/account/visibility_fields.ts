/** The fields for the visibility and space of a circuit, and their meaning in words. */

import type { Schemas } from "../api/client";
import { h } from "../base/dom";
import { Widget } from "../base/widget";
import type { Space } from "./spaces";
import "./visibility_fields.css";

export interface VisibilityChoice {
  visibility: Visibility;
  /** The id of a space; null for none. */
  space: string | null;
}

/** The server's default. */
export const USUAL: VisibilityChoice = { visibility: "team", space: null };

let made = 0;

export class VisibilityFields extends Widget<{ change: VisibilityChoice }> {
  readonly element: HTMLElement;
  private readonly radios: HTMLInputElement[];
  private readonly sentences: HTMLElement[];
  private readonly space = h("select", { "aria-label": "Space" });
  private readonly changed = h("p", { class: "small quiet-text", role: "status" });

  /** `present` is the current choice; `spaces` are those that the user can put it into, including the current one. */
  constructor(
    present: VisibilityChoice,
    private readonly spaces: readonly Pick<Space, "id" | "name">[],
  ) {
    super();
    const name = `visibility-${++made}`;
    this.radios = VISIBILITIES.map((value) =>
      h("input", { type: "radio", name, value, checked: value === present.visibility }),
    );
    this.sentences = VISIBILITIES.map(() => h("span", { class: "small quiet-text" }));
    const options = spaces.map(({ id, name: text }) => h("option", { value: id }, text));
    this.space.append(h("option", { value: "" }, "No space"), ...options);
    this.space.value = present.space ?? "";
    const rows = VISIBILITIES.map((value, at) =>
      h("label", { class: "visibility-row" }, this.radios[at], h("strong", {}, value), this.sentences[at]),
    );
    const within = h("label", { class: "visibility-space" }, h("span", {}, "Space"), this.space);
    within.hidden = spaces.length === 0;
    const legend = h("legend", {}, "Visibility");
    this.element = h("div", { class: "visibility-fields" }, h("fieldset", {}, legend, ...rows), within, this.changed);
    this.element.addEventListener("change", () => {
      this.show();
      this.emit("change", this.value);
    });
    this.show();
  }

  get value(): VisibilityChoice {
    const visibility = VISIBILITIES.find((_, at) => this.radios[at]?.checked) ?? "private";
    return { visibility, space: this.space.value || null };
  }

  private show(): void {
    const { visibility, space } = this.value;
    const name = this.spaces.find(({ id }) => id === space)?.name ?? null;
    VISIBILITIES.forEach((each, at) => {
      const sentence = this.sentences[at];
      if (sentence) sentence.textContent = seenBy(each, name);
    });
    this.changed.textContent = changedBy(visibility, name);
  }
}

export type Visibility = Schemas["Visibility"];

export const VISIBILITIES: readonly Visibility[] = ["private", "team", "public"];

/** Who can see something in addition to its owner and administrators; `space` is the name of its space. */
export function seenBy(visibility: Visibility, space: string | null): string {
  if (visibility === "private") return "Only its owner and administrators can see it.";
  if (visibility === "team" && space !== null) return `Members of ${space} can see it.`;
  if (visibility === "team") return "Every user can see it.";
  return "Every user can see it, whatever its space.";
}

/** Who can change it in addition to its owner and administrators. */
export function changedBy(visibility: Visibility, space: string | null): string {
  const nobody = visibility === "private" || space === null;
  return nobody ? "No one else can change it." : `Editors of ${space} can change it.`;
}
