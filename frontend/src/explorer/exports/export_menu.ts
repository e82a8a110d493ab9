/** The export menu: pictures of the graph, data, and an offline file. */

import { at } from "../../api/address";
import { h } from "../../base/dom";
import { toast } from "../../base/toast";
import { Widget } from "../../base/widget";
import { LIGHT, pageColours } from "../../circuit/colours";
import type { Overview, ViewGraph, ViewState } from "../../circuit/types";
import type { GraphPicture } from "../graph/picture";
import { draw, type Seen, svgText, type Progress } from "./draw";
import { htmlFile } from "./html";
import { pngOf } from "./png";
import "./export_menu.css";

export interface ExportSource {
  overview: () => Overview;
  view: () => ViewGraph;
  state: () => ViewState;
  picture: () => GraphPicture;
}

/** The formats that the server writes: name and use. */
const FORMS = [
  { form: "json", name: "JSON", about: "circuit.json, without pictures" },
  { form: "zip", name: "Bundle", about: "zip file with all pictures; you can import it again" },
  { form: "graphml", name: "GraphML", about: "for Gephi, yEd, NetworkX" },
  { form: "csv", name: "CSV tables", about: "zip file with groups, edges and neurons" },
  { form: "attribution-graph", name: "Attribution graph", about: "for Neuronpedia and circuit-tracer" },
] as const;

export class ExportMenu extends Widget {
  readonly element: HTMLDetailsElement;
  private readonly light = h("input", { type: "checkbox", checked: true });
  private readonly cut = h("input", { type: "checkbox" });
  private readonly status = h("p", { class: "small quiet-text", role: "status" });
  private readonly data = h("ul", { class: "export-list" });
  private readonly made: HTMLButtonElement[];
  private readonly summary = h("summary", { class: "button" }, "Export");

  constructor(private readonly source: ExportSource) {
    super();
    this.made = [
      this.button("SVG picture", "the graph as shown, as vector graphics", (progress) => this.svg(progress)),
      this.button("PNG picture", "the graph as shown, at double resolution", (progress) => this.png(progress)),
      this.button("HTML file", "graph, patches and numbers in one file; works offline", (progress) =>
        this.html(progress),
      ),
    ];
    const option = (box: HTMLElement, words: string) => h("label", { class: "small" }, box, ` ${words}`);
    const content = h(
      "div",
      { class: "export-panel" },
      h("h2", {}, "As shown"),
      h("ul", { class: "export-list" }, ...this.made.map((button) => h("li", {}, button))),
      h("div", { class: "export-options" }, option(this.light, "Light theme"), option(this.cut, "Visible area only")),
      this.status,
      h("h2", {}, "Whole circuit"),
      this.data,
    );
    this.element = h("details", { class: "export-menu" }, this.summary, content);
    this.element.addEventListener("toggle", () => this.toggled());
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.element.open) return;
      event.stopPropagation();
      this.close();
    });
  }

  private toggled(): void {
    document.removeEventListener("pointerdown", this.outside);
    if (!this.element.open) return;
    document.addEventListener("pointerdown", this.outside);
    const { id } = this.source.overview();
    const items = FORMS.map(({ form, name, about }) => {
      const href = at(`/api/v1/circuits/${encodeURIComponent(id)}/export/${form}`);
      return h("li", {}, h("a", { href, download: true, class: "export-item" }, ...words(name, about)));
    });
    this.data.replaceChildren(...items);
  }

  private readonly outside = (event: Event): void => {
    if (!this.element.isConnected || !event.composedPath().includes(this.element)) this.element.open = false;
  };

  private close(): void {
    this.element.open = false;
    this.summary.focus();
  }

  private button(name: string, about: string, make: (progress: Progress) => Promise<void>): HTMLButtonElement {
    const button = h("button", { type: "button", class: "export-item" }, ...words(name, about));
    button.addEventListener("click", () => void this.run(name, make));
    return button;
  }

  private async run(name: string, make: (progress: Progress) => Promise<void>): Promise<void> {
    const enable = (on: boolean) => {
      for (const button of this.made) button.disabled = !on;
    };
    enable(false);
    this.status.textContent = `${name}: preparing…`;
    try {
      await make((done, total) => {
        this.status.textContent = `${name}: ${Math.round((100 * done) / Math.max(1, total))} %`;
      });
      this.status.textContent = "";
      toast(`${name} saved.`);
    } catch (error) {
      this.status.textContent = "";
      toast(`${name}: ${error instanceof Error ? error.message : String(error)}`, "bad");
    }
    enable(true);
  }

  private seen(): Seen {
    return { overview: this.source.overview(), view: this.source.view(), picture: this.source.picture() };
  }

  private drawn(progress: Progress): Promise<SVGSVGElement> {
    return draw(this.seen(), this.light.checked ? LIGHT : pageColours(), this.cut.checked, progress);
  }

  private async svg(progress: Progress): Promise<void> {
    const file = new Blob([svgText(await this.drawn(progress))], { type: "image/svg+xml" });
    save(file, fileName(this.source.overview().id, "svg"));
  }

  private async png(progress: Progress): Promise<void> {
    const picture = await this.drawn(progress);
    const side = (name: string) => Number(picture.getAttribute(name));
    save(await pngOf(svgText(picture), side("width"), side("height")), fileName(this.source.overview().id, "png"));
  }

  private async html(progress: Progress): Promise<void> {
    const text = await htmlFile(this.seen(), location.href, progress);
    save(new Blob([text], { type: "text/html" }), fileName(this.source.overview().id, "html"));
  }
}

function words(name: string, about: string): [HTMLElement, HTMLElement] {
  return [h("strong", {}, name), h("span", { class: "small quiet-text" }, about)];
}

/** A file name with only the characters of an id that all systems allow. */
export function fileName(circuit: string, ending: string): string {
  const safe = circuit.replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^[.-]+/, "");
  return `${safe || "circuit"}.${ending}`;
}

export function save(file: Blob, name: string): void {
  const address = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  // The browser reads the file after the click.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
