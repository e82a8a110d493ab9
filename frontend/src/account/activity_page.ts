/** Who did what, when, and to what: for administrators of all, for others of themselves. */

import { api, data, Problem, type Schemas } from "../api/client";
import { h } from "../base/dom";
import { count, moment } from "../base/format";
import { problemMessage } from "../base/message";
import { toast } from "../base/toast";
import { detailWords, doneWords, type Entry, placeOf } from "./activity_words";
import type { Me } from "./me";
import { listUsers } from "./users";
import "./activity_page.css";

const PAGE = 100;
/** The server has no filter by person: so many pages are looked through for one at once. */
const MOST_PAGES = 5;

export class ActivityPage {
  private readonly list = h("ol", { class: "activity" });
  private readonly person = h("select", { "aria-label": "Person" }, h("option", { value: "" }, "Everybody"));
  private readonly note = h("div", { class: "small quiet-text", role: "status" });
  private readonly more = h("button", { type: "button", hidden: true }, "Show more");
  readonly element: HTMLElement;
  private readonly names = new Map<string, string>();
  private entries: Entry[] = [];
  private next: string | null = null;

  constructor(private readonly me: Me) {
    const all = me.role === "admin";
    const lead = all ? "What people did here, the newest first." : "What you did here, the newest first.";
    this.person.hidden = !all;
    this.element = h(
      "div",
      { class: "activity-page" },
      h("h1", {}, "Activity"),
      h("p", { class: "quiet-text" }, lead),
      h("p", {}, this.person),
      this.list,
      this.note,
      h("p", {}, this.more),
    );
    this.person.addEventListener("change", () => void this.choose());
    this.more.addEventListener("click", () => void this.showMore());
    void this.start();
  }

  private async start(): Promise<void> {
    try {
      if (this.me.role === "admin") this.offer(await listUsers());
      await this.read();
      const wanted = new URLSearchParams(location.search).get("person") ?? "";
      if (this.names.has(wanted)) this.person.value = wanted;
      await this.fill();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.note.replaceChildren(problemMessage(error, () => void this.start()));
    }
  }

  private offer(users: readonly Schemas["UserOut"][]): void {
    for (const { id, name } of users) this.names.set(id, name);
    const options = users.map(({ id, name }) => h("option", { value: id }, name));
    this.person.replaceChildren(h("option", { value: "" }, "Everybody"), ...options);
  }

  private async read(): Promise<void> {
    const query = { limit: PAGE, ...(this.next !== null && { cursor: this.next }) };
    const page = await data(api.GET("/api/v1/activity", { params: { query } }));
    this.entries = this.next === null ? [...page.items] : [...this.entries, ...page.items];
    this.next = page.next;
  }

  private get wanted(): Entry[] {
    const person = this.person.value;
    return person === "" ? this.entries : this.entries.filter(({ user_id }) => user_id === person);
  }

  /** Reads on until there is a page of what is wanted, and shows it. */
  private async fill(enough = Math.min(this.wanted.length + 1, PAGE)): Promise<void> {
    for (let page = 0; this.next !== null && this.wanted.length < enough && page < MOST_PAGES; page += 1) {
      await this.read();
    }
    this.show();
  }

  private async choose(): Promise<void> {
    const person = this.person.value;
    const query = person && `?${new URLSearchParams({ person })}`;
    history.replaceState({}, "", location.pathname + query);
    this.show();
    await this.attempt(() => this.fill());
  }

  private async showMore(): Promise<void> {
    await this.attempt(async () => {
      const enough = this.wanted.length + PAGE;
      await this.fill(enough);
    });
  }

  private async attempt(work: () => Promise<void>): Promise<void> {
    this.more.disabled = true;
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      toast(error.message, "bad");
    } finally {
      this.more.disabled = false;
    }
  }

  private show(): void {
    const { wanted } = this;
    this.list.replaceChildren(...wanted.map((entry) => this.row(entry)));
    this.more.hidden = this.next === null;
    const looked = `Of the last ${count(this.entries.length, "entry", "entries")}.`;
    const narrowed = this.person.value !== "" && this.next !== null ? looked : "";
    this.note.textContent = wanted.length === 0 ? `Nothing yet. ${narrowed}` : narrowed;
  }

  private row(entry: Entry): HTMLElement {
    const { at, user_id, action, subject_kind, subject_id, detail } = entry;
    const who = user_id === null ? "Somebody" : (this.names.get(user_id) ?? (user_id === this.me.id ? "You" : user_id));
    const place = placeOf(entry);
    const what = subject_kind && subject_id ? `${subject_kind} ${subject_id}` : "";
    return h(
      "li",
      {},
      h("time", { datetime: at, class: "small quiet-text number" }, moment(at)),
      h("span", {}, h("strong", { title: user_id }, who), ` ${doneWords(action)}`),
      place ? h("a", { href: place, class: "small" }, what) : h("span", { class: "small quiet-text" }, what),
      h("span", { class: "small quiet-text" }, detailWords(detail)),
    );
  }
}
