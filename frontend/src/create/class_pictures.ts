/** Images of the selected class with their predictions. */

import { api, data, type Schemas } from "../api/client";
import { h } from "../base/dom";
import { percent } from "../base/format";
import { Widget } from "../base/widget";
import type { ClassChoice } from "../circuit/shared_classes";
import { problemText } from "./sources";
import "./class_pictures.css";

type Picture = Schemas["DatasetImageOut"];
type Outcome = "" | "right" | "wrong";

const PAGE = 12;

export class ClassPictures extends Widget {
  readonly element = h("div", { class: "class-pictures" });
  private asked = 0;
  private outcome: Outcome = "";

  /** Shows pictures of `choice`; predictions where `evaluated`. */
  async show(
    dataset: string | null,
    choice: ClassChoice | null,
    network: string | null,
    evaluated: boolean,
  ): Promise<void> {
    this.asked += 1;
    const asked = this.asked;
    if (!dataset || !choice || choice.label === null) return this.element.replaceChildren();
    if (!evaluated) this.outcome = "";
    const grid = h("ul", { class: "picture-grid", "aria-label": `Images of ${choice.shown}` });
    const more = h("button", { type: "button", class: "quiet", hidden: true }, "Show more");
    const load = async (cursor?: string) => {
      const query = {
        class: choice.label ?? undefined,
        network: network ?? undefined,
        outcome: this.outcome || undefined,
        limit: PAGE,
        cursor,
      };
      const params = {
        path: { id: dataset },
        query: Object.fromEntries(Object.entries(query).filter(([, v]) => v !== undefined)),
      };
      try {
        const page = await data(api.GET("/api/v1/datasets/{id}/images", { params }));
        if (asked !== this.asked) return;
        grid.append(...page.items.map(picture));
        if (!cursor && page.items.length === 0) grid.append(h("li", { class: "small quiet-text" }, "No images."));
        more.hidden = page.next === null;
        more.onclick = () => void load(page.next ?? undefined);
      } catch (error) {
        if (asked === this.asked) grid.replaceChildren(h("li", { class: "small" }, problemText(error)));
      }
    };
    await load();
    if (asked !== this.asked) return;
    const filter = evaluated ? this.outcomes(() => void this.show(dataset, choice, network, evaluated)) : null;
    const head = h("div", { class: "picture-head" }, h("h3", {}, `Images of “${choice.shown}”`), filter);
    this.element.replaceChildren(head, grid, more);
  }

  private outcomes(changed: () => void): HTMLElement {
    const select = h(
      "select",
      { "aria-label": "Filter images" },
      h("option", { value: "", selected: this.outcome === "" }, "all"),
      h("option", { value: "right", selected: this.outcome === "right" }, "correct"),
      h("option", { value: "wrong", selected: this.outcome === "wrong" }, "wrong"),
    );
    select.addEventListener("change", () => {
      this.outcome = select.value as Outcome;
      changed();
    });
    return select;
  }
}

function picture({ name, thumbnail, width, height, prediction }: Picture): HTMLElement {
  const image = h("img", { src: thumbnail, alt: name, loading: "lazy", width, height });
  image.addEventListener("error", () => image.replaceWith(h("span", { class: "picture-missing small" }, "no preview")));
  if (!prediction) return h("li", {}, image);
  const { predicted, probability, right } = prediction;
  const title = `Prediction: “${predicted}” (${percent(probability, 1)})`;
  const mark = right === null ? "" : right ? "✓ " : "✗ ";
  return h(
    "li",
    { title, class: right === false ? "wrong" : null },
    image,
    h("span", { class: "picture-said" }, `${mark}${predicted} ${percent(probability)}`),
  );
}
