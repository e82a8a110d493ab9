/** A row of the list of users: role, status, password reset. */

import type { Schemas } from "../api/client";
import { confirmDialog } from "../base/dialog";
import { h } from "../base/dom";
import { moment } from "../base/format";
import { attempt } from "../base/load";
import { toast } from "../base/toast";
import { Widget } from "../base/widget";
import type { Role } from "./me";
import { UserTokens } from "./user_tokens";
import { changeUser, resetUser, type User } from "./users";

export const ROLES: readonly Role[] = ["viewer", "editor", "admin"];

/** Emits `password` when a new password was generated. */
export class UserRow extends Widget<{ password: Schemas["UserPassword"] }> {
  readonly element = h("tr", {});

  /** `mine` for the current user, who is asked before giving up their own administrator role. */
  constructor(
    user: User,
    private readonly mine: boolean,
  ) {
    super();
    this.show(user);
  }

  private show(user: User): void {
    this.element.classList.toggle("disabled", user.disabled);
    const { name, login, email } = user;
    const name_ = h("th", { scope: "row", title: user.id }, name, this.mine && " (you)");
    const known = [login !== name ? login : null, email, user.by_provider ? "signs in with the provider" : null];
    name_.append(h("span", { class: "small quiet-text" }, known.filter(Boolean).join(" · ")));
    const seen = user.last_seen_at ? moment(user.last_seen_at) : "never";
    const state = user.disabled ? "disabled" : "active";
    const cells: [string, Node | string][] = [
      ["Role", this.choice(user)],
      ["Status", state],
      ["Last active", h("span", { title: `Added ${moment(user.created_at)}` }, seen)],
      ["", h("div", { class: "user-ways" }, ...this.ways(user))],
    ];
    this.element.replaceChildren(name_, ...cells.map(([label, cell]) => h("td", { "data-label": label }, cell)));
  }

  private choice(user: User): HTMLSelectElement {
    const options = ROLES.map((role) => h("option", { value: role }, role));
    const choice = h("select", { "aria-label": `Role of ${user.name}` }, ...options);
    choice.value = user.role;
    choice.addEventListener("change", () => {
      const role = choice.value as Role;
      void this.become(user, role).then((done) => !done && (choice.value = user.role));
    });
    return choice;
  }

  /** Changes a role. Returns whether it was changed. */
  private async become(user: User, role: Role): Promise<boolean> {
    const text = "You will no longer be an administrator, and only another administrator can undo this.";
    if (this.mine && !(await confirmDialog("Change your own role?", text, `Become ${role}`))) return false;
    return attempt(async () => {
      this.show(await changeUser(user.id, { role }));
      toast(`${user.name} is now ${role}.`);
    });
  }

  private ways(user: User): HTMLElement[] {
    const button = (label: string, work: () => Promise<void>) => {
      const made = h("button", { type: "button", "aria-label": `${label.replace("…", "")}: ${user.name}` }, label);
      made.addEventListener("click", () => void attempt(work));
      return made;
    };
    const reset = button("Reset password…", () => this.reset(user));
    const ways = user.by_provider || this.mine ? [] : [reset];
    if (!this.mine) ways.push(button("Tokens…", async () => void new UserTokens(user)));
    if (user.disabled) ways.push(button("Enable", async () => this.show(await this.disable(user, false))));
    else if (!this.mine) ways.push(button("Disable…", () => this.keepOut(user)));
    return ways;
  }

  private async reset(user: User): Promise<void> {
    const text = `${user.name} is signed out everywhere, and their API tokens are revoked. They need the new password, which is shown to you once.`;
    if (!(await confirmDialog("Reset the password?", text, "Reset password"))) return;
    const made = await resetUser(user.id);
    this.show(made.user);
    this.emit("password", made);
  }

  private async keepOut(user: User): Promise<void> {
    const text = `${user.name} is signed out everywhere, and their API tokens are revoked. What they own stays.`;
    if (await confirmDialog("Disable this user?", text, "Disable")) this.show(await this.disable(user, true));
  }

  private disable(user: User, disabled: boolean): Promise<User> {
    return changeUser(user.id, { disabled });
  }
}
