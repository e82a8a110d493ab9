/** The activity log: of all users for administrators, of the current user for others. */

import { api, data, type Schemas } from "../api/client";
import { h } from "../base/dom";
import { moment } from "../base/format";
import { load } from "../base/load";
import { PagedList } from "../base/paged_list";
import { detailWords, doneWords, type Entry, placeOf } from "./activity_words";
import type { Me } from "./me";
import { listUsers } from "./users";
import "./activity_page.css";

const PAGE = 100;

export class ActivityPage {
  private readonly list = h("ol", { class: "activity" });
  private readonly user = h("select", { "aria-label": "User" }, h("option", { value: "" }, "All users"));
  private readonly note = h("div", { class: "small quiet-text", role: "status" });
  private readonly paged: PagedList<Entry>;
  readonly element: HTMLElement;
  private readonly users = new Set<string>();

  constructor(private readonly me: Me) {
    const all = me.role === "admin";
    this.paged = new PagedList<Entry>(this.list, {
      page: (cursor, signal) => this.read(cursor, signal),
      row: (entry) => this.row(entry),
      none: () => "No activity yet.",
    });
    const lead = all ? "What users did, newest first." : "What you did, newest first.";
    this.user.hidden = !all;
    this.element = h(
      "div",
      { class: "activity-page" },
      h("h1", {}, "Activity"),
      h("p", { class: "quiet-text" }, lead),
      h("p", {}, this.user),
      this.list,
      this.note,
      this.paged.foot,
    );
    this.user.addEventListener("change", () => void this.choose());
    void this.start();
  }

  private async start(): Promise<void> {
    const known = await load(this.note, async () => {
      if (this.me.role === "admin") this.offer(await listUsers());
      return [];
    });
    if (!known) return;
    const wanted = new URLSearchParams(location.search).get("user") ?? "";
    if (this.users.has(wanted)) this.user.value = wanted;
    await this.paged.refresh();
  }

  private offer(users: readonly Schemas["UserOut"][]): void {
    for (const { id } of users) this.users.add(id);
    const options = users.map(({ id, name }) => h("option", { value: id }, name));
    this.user.replaceChildren(h("option", { value: "" }, "All users"), ...options);
  }

  private read(cursor: string | null, signal: AbortSignal) {
    const user = this.user.value;
    const query = { limit: PAGE, ...(user && { user }), ...(cursor !== null && { cursor }) };
    return data(api.GET("/api/v1/activity", { params: { query }, signal }));
  }

  private async choose(): Promise<void> {
    const user = this.user.value;
    const query = user && `?${new URLSearchParams({ user })}`;
    history.replaceState({}, "", location.pathname + query);
    await this.paged.restart();
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
