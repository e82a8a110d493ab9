/** Search, filters and order of the gallery. */

import type { Schemas } from "../api/client";
import { h } from "../base/dom";
import { Widget } from "../base/widget";
import { EVERYTHING, type GalleryQuery, isFiltered, SORTS, type Sort, type StateChoice } from "./gallery_query";
import "./filter_bar.css";

const TYPING_MS = 250;
/** The prefixes of user ids and space ids in the values of one choice. */
const OWNER = "of ";
const SPACE = "in ";
const STATE_WORDS: Record<StateChoice | "", string> = {
  "": "Any state",
  ready: "Ready",
  open: "In progress",
  failed: "Failed",
  cancelled: "Cancelled",
};
const SORT_WORDS: Record<Sort, string> = {
  newest: "Newest first",
  oldest: "Oldest first",
  name: "Name, A to Z",
  "name-desc": "Name, Z to A",
  class: "Class, A to Z",
  "class-desc": "Class, Z to A",
};

export class FilterBar extends Widget<{ change: { query: GalleryQuery; typing: boolean } }> {
  private readonly words = h("input", {
    type: "search",
    placeholder: "Search names and classes",
    "aria-label": "Search names and classes",
    maxlength: 200,
  });
  private readonly network = h("select", { "aria-label": "Network" });
  private readonly dataset = h("select", { "aria-label": "Data set" });
  private readonly classes = h("datalist", { id: "gallery-classes" });
  private readonly className = h("input", {
    placeholder: "Any class",
    "aria-label": "Class",
    list: "gallery-classes",
    maxlength: 300,
    autocomplete: "off",
  });
  /** The user's circuits, or those of a space. Hidden without accounts. */
  private readonly whose = h("select", { "aria-label": "Owner or space", hidden: true });
  private readonly state = select("State", STATE_WORDS);
  private readonly sort = select("Sort", SORT_WORDS);
  private readonly clear = h("button", { type: "button", class: "quiet" }, "Clear filters");
  readonly element = h(
    "form",
    { class: "filter-bar", role: "search", "aria-label": "Circuits" },
    h("div", { class: "filter-words" }, this.words),
    this.network,
    this.dataset,
    this.className,
    this.whose,
    this.state,
    this.sort,
    this.clear,
    this.classes,
  );
  private timer = 0;

  constructor(private query: GalleryQuery) {
    super();
    this.setNetworks([]);
    this.setDatasets([]);
    this.setWhose("", []);
    this.show(query);
    this.words.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = window.setTimeout(() => this.change({ q: this.words.value.trim() }, true), TYPING_MS);
    });
    this.className.addEventListener("change", () => this.change({ class: this.className.value.trim() }));
    this.network.addEventListener("change", () => this.change({ network: this.network.value }));
    this.dataset.addEventListener("change", () => this.change({ dataset: this.dataset.value }));
    this.whose.addEventListener("change", () => this.change(narrowed(this.whose.value)));
    this.state.addEventListener("change", () => this.change({ state: this.state.value as StateChoice | "" }));
    this.sort.addEventListener("change", () =>
      this.change({ sort: SORTS.find((s) => s === this.sort.value) ?? "newest" }),
    );
    this.clear.addEventListener("click", () => {
      this.words.focus();
      this.change({ ...EVERYTHING, sort: this.query.sort });
    });
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      this.change({ q: this.words.value.trim(), class: this.className.value.trim() });
    });
  }

  /** Shows a query. Text that the user is typing stays. */
  show(query: GalleryQuery): void {
    this.query = query;
    if (this.words.value.trim() !== query.q) this.words.value = query.q;
    this.className.value = query.class;
    choose(this.network, query.network);
    choose(this.dataset, query.dataset);
    choose(this.whose, whose(query));
    this.state.value = query.state;
    this.sort.value = query.sort;
    this.clear.hidden = !isFiltered(query);
    for (const field of [this.network, this.dataset, this.className, this.whose, this.state]) {
      field.classList.toggle("set", field.value !== "");
    }
  }

  setNetworks(found: readonly Schemas["Named"][]): void {
    fill(this.network, "Any network", found, this.query.network);
  }

  setDatasets(found: readonly Schemas["Named"][]): void {
    fill(this.dataset, "Any data set", found, this.query.dataset);
  }

  /** Offers the user's circuits, and those of the user's spaces. */
  setWhose(me: string, spaces: readonly Schemas["Named"][]): void {
    const mine = me ? [{ id: `${OWNER}${me}`, name: "Mine" }] : [];
    const within = spaces.map(({ id, name }) => ({ id: `${SPACE}${id}`, name: `In ${name}` }));
    const chosen = whose(this.query);
    fill(this.whose, "Any owner", [...mine, ...within], chosen);
    this.whose.hidden = mine.length === 0 && chosen === "";
  }

  /** Sets the suggested classes. */
  setClasses(names: Iterable<string>): void {
    this.classes.replaceChildren(...[...new Set(names)].sort().map((name) => h("option", { value: name })));
  }

  private change(part: Partial<GalleryQuery>, typing = false): void {
    clearTimeout(this.timer);
    const query = { ...this.query, ...part };
    if (JSON.stringify(query) === JSON.stringify(this.query)) return;
    this.show(query);
    this.emit("change", { query, typing });
  }
}

/** The value of the choice for the owner or space of a query. */
function whose({ owner, space }: GalleryQuery): string {
  return space ? `${SPACE}${space}` : owner && `${OWNER}${owner}`;
}

function narrowed(choice: string): Pick<GalleryQuery, "owner" | "space"> {
  const of = (start: string) => (choice.startsWith(start) ? choice.slice(start.length) : "");
  return { owner: of(OWNER), space: of(SPACE) };
}

function select(label: string, words: Record<string, string>): HTMLSelectElement {
  const options = Object.entries(words).map(([value, text]) => h("option", { value }, text));
  return h("select", { "aria-label": label }, ...options);
}

function fill(field: HTMLSelectElement, none: string, found: readonly Schemas["Named"][], chosen: string): void {
  const options = found.map(({ id, name }) => h("option", { value: id }, name));
  field.replaceChildren(h("option", { value: "" }, none), ...options);
  choose(field, chosen);
}

/** An id from the address that is not among the options is added as it is. */
function choose(field: HTMLSelectElement, id: string): void {
  if (![...field.options].some(({ value }) => value === id)) field.append(h("option", { value: id }, id));
  field.value = id;
}
