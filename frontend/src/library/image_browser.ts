/** The images of a data set with class and prediction, loaded page by page. */

import { api, data, type Schemas } from "../api/client";
import { h } from "../base/dom";
import { percent } from "../base/format";
import { message, type Way } from "../base/message";
import { PagedList } from "../base/paged_list";
import { picture } from "../base/picture";
import { Widget } from "../base/widget";
import { askedImages, type ImageQuery } from "./image_query";
import "./image_browser.css";

type Image = Schemas["DatasetImageOut"];

const PAGE = 60;
const AHEAD = "600px";

export class ImageBrowser extends Widget<{ clear: undefined }> {
  private readonly grid = h("ul", { class: "image-grid" });
  private readonly images: PagedList<Image>;
  readonly element: HTMLElement;
  private query: ImageQuery | null = null;
  private filtered = false;

  constructor(
    private readonly id: string,
    signal: AbortSignal,
  ) {
    super();
    const options = {
      page: (cursor: string | null, signal: AbortSignal) => this.page(cursor, signal),
      row: tile,
      none: () => this.none(),
      ways: () => this.ways(),
      ahead: AHEAD,
    };
    this.images = new PagedList(this.grid, options, signal);
    this.element = h("div", { class: "image-browser" }, this.grid, this.images.foot);
  }

  /** Shows the images of `query`. If it is `filtered`, empty results and failures offer to clear the filters. */
  async show(query: ImageQuery, filtered: boolean): Promise<void> {
    this.query = query;
    this.filtered = filtered;
    await this.images.restart();
  }

  private page(cursor: string | null, signal: AbortSignal) {
    const query = { ...(this.query && askedImages(this.query)), limit: PAGE, ...(cursor !== null && { cursor }) };
    return data(api.GET("/api/v1/datasets/{id}/images", { params: { path: { id: this.id }, query }, signal }));
  }

  private none(): HTMLElement {
    if (!this.filtered) return message("No images", "This data set has no images to browse.");
    return message("No images found", "No images match these filters.", this.ways());
  }

  private ways(): Way[] {
    return this.filtered ? [{ label: "Clear filters", to: () => this.emit("clear", undefined) }] : [];
  }
}

/** An image with its label and a network's prediction. */
export function tile(image: Image): HTMLElement {
  const { label, prediction } = image;
  const truth = h("span", { class: "image-truth" }, label ?? "no class");
  const caption = h("figcaption", { class: "small" }, truth);
  if (prediction) caption.append(predicted(prediction));
  const frame = picture(image.thumbnail, `${label ?? "image"}: ${image.name}`);
  const size = `${image.width} × ${image.height} pixels`;
  frame.title = [image.name, size, image.split].filter(Boolean).join(", ");
  const wrong = prediction?.right === false;
  return h("li", { class: wrong ? "wrong" : undefined }, h("figure", {}, frame, caption));
}

function predicted(prediction: Schemas["PredictionOut"]): HTMLElement {
  const mark = prediction.right === null ? "" : prediction.right ? "✓ " : "✗ ";
  const words = h(
    "span",
    { class: "image-predicted number" },
    `${mark}${prediction.predicted} ${percent(prediction.probability)}`,
  );
  const verdict = prediction.right === null ? "" : prediction.right ? "Correct" : "Wrong";
  const truth = prediction.truth_probability;
  const beside = prediction.right === false && truth !== null ? `; true class: ${percent(truth)}` : "";
  words.title = `${verdict || "Prediction"}: ${prediction.predicted} (${percent(prediction.probability)})${beside}`;
  return words;
}
