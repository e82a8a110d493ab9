/** Images of the selected class with their predictions. */

import { api, data, type Schemas } from "../api/client";
import { h } from "../base/dom";
import { percent } from "../base/format";
import { PagedList } from "../base/paged_list";
import { Widget } from "../base/widget";
import type { NetworkClass } from "../circuit/shared_classes";
import "./class_pictures.css";

type Picture = Schemas["DatasetImageOut"];
type Outcome = "" | "right" | "wrong";

const PAGE = 12;

export class ClassPictures extends Widget {
  readonly element = h("div", { class: "class-pictures" });
  private asked = 0;
  private outcome: Outcome = "";

  /** Shows images of `choice`, with predictions if `evaluated`. */
  async show(
    dataset: string | null,
    choice: NetworkClass | null,
    network: string | null,
    evaluated: boolean,
  ): Promise<void> {
    this.asked += 1;
    const asked = this.asked;
    if (!dataset || !choice || choice.labels.length === 0) return this.element.replaceChildren();
    if (!evaluated) this.outcome = "";
    const grid = h("ul", { class: "picture-grid", "aria-label": `Images of ${choice.shown}` });
    const paged = new PagedList<Picture>(grid, {
      page: (cursor, signal) => {
        const query = {
          class: [...choice.labels],
          network: network ?? undefined,
          outcome: this.outcome || undefined,
          limit: PAGE,
          cursor: cursor ?? undefined,
        };
        const known = Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined));
        return data(
          api.GET("/api/v1/datasets/{id}/images", { params: { path: { id: dataset }, query: known }, signal }),
        );
      },
      row: picture,
      none: () => "No images.",
    });
    await paged.refresh();
    if (asked !== this.asked) return;
    const filter = evaluated ? this.outcomes(() => void this.show(dataset, choice, network, evaluated)) : null;
    const head = h("div", { class: "picture-head" }, h("h3", {}, `Images of “${choice.shown}”`), filter);
    this.element.replaceChildren(head, grid, paged.foot);
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
