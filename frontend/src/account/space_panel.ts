/** One space: its members and roles, which its administrators can change. */

import { api, data, type Schemas } from "../api/client";
import { confirmDialog } from "../base/dialog";
import { h } from "../base/dom";
import { attempt } from "../base/load";
import { Widget } from "../base/widget";
import type { Me, Role } from "./me";
import { memberForm, SPACE_ROLES } from "./member_form";
import type { SpaceDetail } from "./spaces";
import "./space_panel.css";

type Member = Schemas["Member"];

interface PanelEvents {
  changed: SpaceDetail;
  /** The user left the space. */
  left: undefined;
}

export class SpacePanel extends Widget<PanelEvents> {
  readonly element = h("div", { class: "space-panel" });

  constructor(
    private readonly me: Me,
    private space: SpaceDetail,
    private readonly users: readonly Schemas["UserOut"][] = [],
  ) {
    super();
    this.show(space);
  }

  /** Whether the user can change the members. */
  private get administers(): boolean {
    return this.space.kind === "team" && (this.me.role === "admin" || this.space.my_role === "admin");
  }

  private show(space: SpaceDetail): void {
    this.space = space;
    const rows = space.members.map((member) => this.row(member));
    const caption = h("caption", { class: "visually-hidden" }, `Members of ${space.name}`);
    const head = ["Member", "Role", ""].map((text) => h("th", { scope: "col" }, text));
    const table = h("table", {}, caption, h("thead", {}, h("tr", {}, ...head)), h("tbody", {}, ...rows));
    const alone = h("p", { class: "small quiet-text" }, "This is your personal space; you can’t add members.");
    this.element.replaceChildren(table, ...(space.kind === "personal" ? [alone] : []), ...this.adding());
  }

  private adding(): HTMLElement[] {
    if (!this.administers) return [];
    const form = memberForm(this.space, this.users);
    form.on("added", (space) => this.changed(space));
    const summary = h("summary", { class: "button" }, "Add a member");
    return [h("details", { class: "adding" }, summary, form.element)];
  }

  private row(member: Member): HTMLElement {
    const mine = member.user === this.me.id;
    const name = h("th", { scope: "row", title: member.user }, member.name, mine && " (you)");
    const role = h("td", {}, this.administers ? this.choice(member) : member.role);
    const goes = this.space.kind === "team" && (this.administers || mine);
    const out = h("button", { type: "button" }, mine ? "Leave…" : "Remove…");
    out.setAttribute("aria-label", mine ? `Leave ${this.space.name}` : `Remove ${member.name} from ${this.space.name}`);
    out.addEventListener("click", () => void this.remove(member));
    return h("tr", {}, name, role, h("td", {}, goes && out));
  }

  private choice(member: Member): HTMLSelectElement {
    const label = `Role of ${member.name} in ${this.space.name}`;
    const options = Object.entries(SPACE_ROLES).map(([value, title]) => h("option", { value, title }, value));
    const choice = h("select", { "aria-label": label }, ...options);
    choice.value = member.role;
    choice.addEventListener("change", () => void this.give(member, choice));
    return choice;
  }

  private async give(member: Member, choice: HTMLSelectElement): Promise<void> {
    const role = choice.value as Role;
    const params = { path: { id: this.space.id, user: member.user } };
    const given = await attempt(async () =>
      this.changed(await data(api.PUT("/api/v1/spaces/{id}/members/{user}", { params, body: { role } }))),
    );
    if (!given) choice.value = member.role;
  }

  private async remove(member: Member): Promise<void> {
    const mine = member.user === this.me.id;
    const { name } = this.space;
    const title = mine ? "Leave this space?" : "Remove this member?";
    const who = mine ? "You can no longer see" : `${member.name} can no longer see`;
    if (!(await confirmDialog(title, `${who} what ${name} shares with its members.`, mine ? "Leave" : "Remove")))
      return;
    const params = { path: { id: this.space.id, user: member.user } };
    const gone = await attempt(async () =>
      this.changed(await data(api.DELETE("/api/v1/spaces/{id}/members/{user}", { params }))),
    );
    if (gone && mine && this.me.role !== "admin") this.emit("left", undefined);
  }

  private changed(space: SpaceDetail): void {
    this.show(space);
    this.emit("changed", space);
  }
}
