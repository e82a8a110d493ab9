/** The images of a data set with class and prediction, loaded page by page. */

import { api, data, type Schemas } from "../api/client";
import { h } from "../base/dom";
import { percent } from "../base/format";
import { message, problemMessage, isProblem } from "../base/message";
import { picture } from "../base/picture";
import { toast } from "../base/toast";
import { Widget } from "../base/widget";
import { askedImages, type ImageQuery } from "./image_query";
import "./image_browser.css";

type Image = Schemas["DatasetImageOut"];

const PAGE = 60;
const AHEAD = "600px";

export class ImageBrowser extends Widget<{ clear: undefined }> {
  private readonly grid = h("ul", { class: "image-grid" });
  private readonly found = h("div", {});
  private readonly more = h("button", { type: "button", hidden: true }, "Show more");
  readonly element = h("div", { class: "image-browser" }, this.found, h("p", { class: "image-more" }, this.more));
  private query: ImageQuery | null = null;
  private next: string | null = null;
  private life = new AbortController();

  constructor(
    private readonly id: string,
    signal: AbortSignal,
  ) {
    super();
    this.more.addEventListener("click", () => void this.showMore());
    const near = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) void this.showMore();
      },
      { rootMargin: AHEAD },
    );
    near.observe(this.more);
    signal.addEventListener("abort", () => {
      near.disconnect();
      this.life.abort();
    });
  }

  /** Shows the first pictures of `query`; `filtered` says whether a way out of its filters is to be offered. */
  async show(query: ImageQuery, filtered: boolean): Promise<void> {
    this.query = query;
    this.life.abort();
    this.life = new AbortController();
    this.element.setAttribute("aria-busy", "true");
    try {
      const page = await this.read(null);
      this.grid.replaceChildren(...page.items.map(tile));
      this.found.replaceChildren(page.items.length > 0 ? this.grid : this.nothing(filtered));
      this.found.scrollTop = 0;
      this.goOn(page.next);
    } catch (error) {
      if (!isProblem(error)) return;
      this.goOn(null);
      const clear = { label: "Clear filters", to: () => this.emit("clear", undefined) };
      const again = () => void this.show(query, filtered);
      this.found.replaceChildren(problemMessage(error, again, filtered ? [clear] : []));
    }
    this.element.removeAttribute("aria-busy");
  }

  private nothing(filtered: boolean): HTMLElement {
    if (!filtered) return message("No images", "This data set has no images to browse.");
    const clear = { label: "Clear filters", to: () => this.emit("clear", undefined) };
    return message("No images found", "No images match these filters.", [clear]);
  }

  private async showMore(): Promise<void> {
    if (this.more.disabled || this.next === null) return;
    this.more.disabled = true;
    try {
      const page = await this.read(this.next);
      this.grid.append(...page.items.map(tile));
      this.more.disabled = false;
      this.goOn(page.next);
    } catch (error) {
      this.more.disabled = false;
      if (isProblem(error)) toast(error.message, "bad");
    }
  }

  private read(cursor: string | null) {
    const query = { ...(this.query && askedImages(this.query)), limit: PAGE, ...(cursor !== null && { cursor }) };
    const { signal } = this.life;
    return data(api.GET("/api/v1/datasets/{id}/images", { params: { path: { id: this.id }, query }, signal }));
  }

  private goOn(next: string | null): void {
    this.next = next;
    this.more.hidden = next === null;
  }
}

/** A picture with what it is, and a network's prediction. */
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
