/** The activity log: of all users for administrators, of oneself for others. */

import { api, data, Problem, type Schemas } from "../api/client";
import { h } from "../base/dom";
import { moment } from "../base/format";
import { problemMessage } from "../base/message";
import { toast } from "../base/toast";
import { detailWords, doneWords, type Entry, placeOf } from "./activity_words";
import type { Me } from "./me";
import { listUsers } from "./users";
import "./activity_page.css";

const PAGE = 100;

export class ActivityPage {
  private readonly list = h("ol", { class: "activity" });
  private readonly person = h("select", { "aria-label": "User" }, h("option", { value: "" }, "All users"));
  private readonly note = h("div", { class: "small quiet-text", role: "status" });
  private readonly more = h("button", { type: "button", hidden: true }, "Show more");
  readonly element: HTMLElement;
  private readonly people = new Set<string>();
  private entries: Entry[] = [];
  private next: string | null = null;

  constructor(private readonly me: Me) {
    const all = me.role === "admin";
    const lead = all ? "What users did, newest first." : "What you did, newest first.";
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
    this.more.addEventListener("click", () => void this.attempt(() => this.read()));
    void this.start();
  }

  private async start(): Promise<void> {
    try {
      if (this.me.role === "admin") this.offer(await listUsers());
      const wanted = new URLSearchParams(location.search).get("person") ?? "";
      if (this.people.has(wanted)) this.person.value = wanted;
      await this.read();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.note.replaceChildren(problemMessage(error, () => void this.start()));
    }
  }

  private offer(users: readonly Schemas["UserOut"][]): void {
    for (const { id } of users) this.people.add(id);
    const options = users.map(({ id, name }) => h("option", { value: id }, name));
    this.person.replaceChildren(h("option", { value: "" }, "All users"), ...options);
  }

  /** Reads a page, and shows it below those that were read for the same person. */
  private async read(): Promise<void> {
    const user = this.person.value;
    const query = { limit: PAGE, ...(user && { user }), ...(this.next !== null && { cursor: this.next }) };
    const page = await data(api.GET("/api/v1/activity", { params: { query } }));
    if (user !== this.person.value) return;
    this.entries = this.next === null ? [...page.items] : [...this.entries, ...page.items];
    this.next = page.next;
    this.show();
  }

  private async choose(): Promise<void> {
    const person = this.person.value;
    const query = person && `?${new URLSearchParams({ person })}`;
    history.replaceState({}, "", location.pathname + query);
    this.next = null;
    await this.attempt(() => this.read());
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
    this.list.replaceChildren(...this.entries.map((entry) => this.row(entry)));
    this.more.hidden = this.next === null;
    this.note.textContent = this.entries.length === 0 ? "No activity yet." : "";
  }

  private row(entry: Entry): HTMLElement {
    const { at, user_id, user_name, action, subject_kind, subject_id, detail } = entry;
    const own = this.me.role !== "admin" && user_id === this.me.id;
    const who = own ? "You" : (user_name ?? user_id ?? "Someone");
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
