/** The spaces of a user with their members, and a form to create one. */

import { api, data, type Schemas } from "../api/client";
import { AddForm } from "../base/add_form";
import { h } from "../base/dom";
import { load } from "../base/load";
import { toast } from "../base/toast";
import { isAtLeast, type Me } from "./me";
import { textOf } from "./password_form";
import { SpacePanel } from "./space_panel";
import { listSpaces, readSpace, type Space, type SpaceDetail } from "./spaces";
import { listUsers } from "./users";
import "./space_list.css";

export class SpaceList {
  private readonly list = h("div", { class: "space-list" });
  private readonly note = h("div", { class: "small quiet-text", role: "status" });
  private readonly place = h("div", {});
  readonly element: HTMLElement;
  private users: Schemas["UserOut"][] = [];

  constructor(private readonly me: Me) {
    const intro =
      "Members of a space see everything in it that has the visibility “team”. To put a circuit into a space, choose “Visibility…” in its menu.";
    const summary = h("summary", { class: "button" }, "Add space");
    const adding = h("details", { class: "adding" }, summary, this.place);
    adding.hidden = !isAtLeast(me, "editor");
    const words = h("p", { class: "small quiet-text" }, intro);
    this.element = h("div", {}, words, this.list, this.note, adding);
    this.renew();
    void this.load();
  }

  private async load(): Promise<void> {
    const content = async () => {
      const [spaces, users] = await Promise.all([listSpaces(), this.me.role === "admin" ? listUsers() : []]);
      this.users = users;
      this.list.replaceChildren(...spaces.map((space) => this.fold(space)));
      return [this.none()];
    };
    await load(this.note, content, { waiting: null });
  }

  private none(): string {
    return this.list.children.length > 0 ? "" : "You are not in a space yet.";
  }

  private tell(): void {
    this.note.textContent = this.none();
  }

  private renew(): void {
    const form = new AddForm<SpaceDetail>({
      title: "New space",
      intro: "You become its administrator and can add members.",
      fields: [{ name: "name", label: "Name", kind: "text", required: true, placeholder: "Vision lab" }],
      action: "Create space",
      send: (values, _sent, signal) =>
        data(api.POST("/api/v1/spaces", { body: { name: textOf(values, "name"), kind: "team" }, signal })),
    });
    form.on("added", (space) => {
      const fold = this.fold(space, space);
      fold.open = true;
      this.list.prepend(fold);
      this.tell();
      this.renew();
      this.place.closest("details")?.removeAttribute("open");
      fold.querySelector("summary")?.focus();
      toast(`Created ${space.name}.`);
    });
    this.place.replaceChildren(form.element);
  }

  /** A folded space. Its members are loaded when it is opened. */
  private fold(space: Space, known: SpaceDetail | null = null): HTMLDetailsElement {
    const kind = h("span", { class: "small quiet-text" }, space.kind);
    const body = h("div", { class: "space-body" });
    const fold = h("details", { class: "space" }, h("summary", {}, h("strong", {}, space.name), " ", kind), body);
    if (known) body.append(this.panel(known, fold));
    fold.addEventListener("toggle", () => {
      if (fold.open && body.childElementCount === 0) void this.open(space.id, body, fold);
    });
    return fold;
  }

  private async open(id: string, body: HTMLElement, fold: HTMLElement): Promise<void> {
    await load(body, async () => [this.panel(await readSpace(id), fold)]);
  }

  private panel(space: SpaceDetail, fold: HTMLElement): HTMLElement {
    const panel = new SpacePanel(this.me, space, this.users);
    panel.on("left", () => {
      fold.remove();
      this.tell();
      toast(`You left ${space.name}.`);
    });
    return panel.element;
  }
}
