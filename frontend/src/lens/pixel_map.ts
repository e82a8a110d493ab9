/** Pixels: which pixels of the crop that fires a group most make it fire, and which inhibit it. */

import { h } from "../base/dom";
import { Latest } from "../base/latest";
import { onThemeChange } from "../base/theme";
import { Widget } from "../base/widget";
import { pageColours } from "../circuit/colours";
import { groupName, plain } from "../circuit/section_words";
import type { GroupId, Measurement } from "../circuit/types";
import { cropView } from "./image_stage";
import type { LensContext } from "./lens_context";
import { loadSection, measured } from "./section_ask";
import { termButton } from "./section_term";
import "./pixel_map.css";

type Pixels = NonNullable<Measurement["pixels"]>;

export class PixelMap extends Widget {
  readonly element: HTMLElement;
  private readonly choice: HTMLSelectElement;
  private readonly start = h("button", { type: "submit" }, "Compute pixels");
  private readonly sentence = h("p", { class: "lens-sentence", role: "status" });
  private readonly place = h("div");
  private readonly latest: Latest;
  private redraw: (() => void) | null = null;

  constructor(private readonly context: LensContext) {
    super();
    this.latest = new Latest(context.signal);
    this.choice = h("select", { "aria-label": "Group" }, ...groupChoices(context));
    this.choice.value = context.selected?.() ?? "";
    if (this.choice.value === "") this.choice.value = strongest(context);
    const form = h("form", { class: "pixel-form" }, this.choice, this.start);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.run(this.choice.value);
    });
    onThemeChange(() => this.redraw?.(), context.signal);
    this.element = h("div", { class: "pixel-map" }, this.about(), form, this.sentence, this.place);
  }

  private about(): HTMLElement {
    return h(
      "p",
      { class: "small quiet-text" },
      "Shows what ",
      termButton(this.context, "pixels", "each pixel adds"),
      " to the group’s activation on the crop that fires it most.",
    );
  }

  private async run(group: GroupId): Promise<void> {
    const signal = this.latest.next();
    this.start.disabled = true;
    this.redraw = null;
    this.place.replaceChildren();
    const { sentence, place, context } = this;
    const section = { sentence, place, signal, again: () => void this.run(group) };
    await loadSection(context, section, `Computing the pixels of ${groupName(group)}…`, async () => {
      const question = {
        kind: "pixels" as const,
        analysis: context.analysis.id,
        groups: [{ group, factor: 0 }],
      };
      const { pixels } = await measured(context, question, place, signal);
      return pixels && !signal.aborted ? this.show(pixels) : [];
    });
    if (!signal.aborted) this.start.disabled = false;
  }

  private show(pixels: Pixels): HTMLElement[] {
    const { picture, reading } = this.context.analysis;
    const image = { picture, width: reading.width, height: reading.height };
    const name = groupName(pixels.group);
    const canvas = h("canvas", { width: pixels.width, height: pixels.height, "aria-hidden": "true" });
    const map = cropView(image, pixels.box, `The same crop in grey, overlaid with what each pixel adds to ${name}`);
    map.classList.add("pixel-drawn");
    map.append(canvas);
    this.redraw = () => drawPixels(canvas, pixels);
    this.redraw();
    this.sentence.textContent = pixelSentence(pixels);
    return [
      h(
        "div",
        { class: "pixel-pair" },
        h("figure", {}, cropView(image, pixels.box, `The crop that fires ${name} most`), caption("Crop")),
        h("figure", {}, map, caption("Pixels")),
      ),
      h(
        "p",
        { class: "small pixel-legend" },
        h("span", { class: "pixel-key positive" }),
        " excites the group ",
        h("span", { class: "pixel-key negative" }),
        " inhibits the group",
      ),
    ];
  }
}

/** How well the pixels' sum matches the activation. */
export function pixelSentence({ total, expected }: Pick<Pixels, "total" | "expected">): string {
  return `The pixels add up to ${plain(total)}. The activation minus that on grey is ${plain(expected)}.`;
}

function caption(text: string): HTMLElement {
  return h("figcaption", { class: "small quiet-text" }, text);
}

/** All groups below the class, from the top layer down. */
function groupChoices({ overview }: LensContext): HTMLElement[] {
  const below = overview.layers.slice(0, -1).toReversed();
  return below.map(({ name }) => {
    const groups = overview.groups.filter(({ layer }) => layer === name);
    return h("optgroup", { label: name }, ...groups.map(({ id }) => h("option", { value: id }, groupName(id))));
  });
}

/** The group that fires most; if none fires, the one with the highest score. */
function strongest({ analysis, overview }: LensContext): GroupId {
  const top = overview.layers.at(-1)?.name;
  const groups = analysis.reading.groups.filter(({ layer }) => layer !== top);
  const [first] = groups.toSorted((one, other) => Number(other.fires) - Number(one.fires) || other.score - one.score);
  return first?.id ?? "";
}

interface Signed {
  width: number;
  height: number;
  /** One signed byte for each pixel, row by row, in base64. */
  values: string;
}

export type Rgb = readonly [red: number, green: number, blue: number];

const LARGEST = 127;

/** Decodes signed bytes. */
export function signedBytes(values: string): Int8Array {
  return Int8Array.from(atob(values), (letter) => letter.charCodeAt(0));
}

/** RGBA pixels. The smaller the |value|, the more transparent. */
export function signedPixels(values: Int8Array, positive: Rgb, negative: Rgb): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(4 * values.length);
  values.forEach((value, place) => {
    const share = Math.min(1, Math.abs(value) / LARGEST);
    pixels.set([...(value < 0 ? negative : positive), 255 * share], 4 * place);
  });
  return pixels;
}

/** Draws signed values in the page's colours for positive and negative. */
export function drawPixels(canvas: HTMLCanvasElement, { width, height, values }: Signed): void {
  const context = canvas.getContext("2d");
  const bytes = signedBytes(values);
  if (!context || bytes.length !== width * height) return;
  const { positive, negative } = pageColours();
  context.putImageData(new ImageData(signedPixels(bytes, rgb(positive), rgb(negative)), width, height), 0, 0);
}

/** The channels of a colour such as `#2166ac`. */
export function rgb(colour: string): Rgb {
  const number = Number.parseInt(colour.slice(1), 16);
  return [(number >> 16) & 255, (number >> 8) & 255, number & 255];
}
