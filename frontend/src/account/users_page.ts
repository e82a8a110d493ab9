/** The list of users, for administrators, with a form to add one. */

import { at } from "../api/address";
import { api, data, type Schemas } from "../api/client";
import { AddForm } from "../base/add_form";
import { h } from "../base/dom";
import { count } from "../base/format";
import { load } from "../base/load";
import { message } from "../base/message";
import type { Me, Role } from "./me";
import { textOf } from "./password_form";
import { SecretNote } from "./secret_note";
import { UserRow } from "./user_row";
import { listUsers, type User } from "./users";
import "../base/list_page.css";
import "./users_page.css";

type Made = Schemas["UserPassword"];

const ROLE_WORDS: readonly (readonly [Role, string])[] = [
  ["viewer", "viewer – can read"],
  ["editor", "editor – can also compute and upload"],
  ["admin", "admin – can do everything"],
];

export class UsersPage {
  readonly element = h("div", { class: "users-page" });
  private readonly secret = new SecretNote();
  private readonly place = h("div", {});
  private readonly adding = h("details", { class: "adding" }, h("summary", { class: "button" }, "New user"));
  private readonly body = h("tbody", {});
  private readonly found = h("div", {});
  private readonly total = h("p", { class: "small quiet-text", role: "status" });

  constructor(private readonly me: Me) {
    this.element.append(h("h1", {}, "Users"));
    if (me.role !== "admin") {
      const ways = [{ label: "All circuits", to: at("/") }];
      this.element.append(message("Administrators only", "Only administrators can see users.", ways));
      return;
    }
    const provider = "Users are added when they first sign in with your organisation’s account.";
    this.adding.append(this.place);
    const form = me.auth === "oidc" ? h("p", { class: "quiet-text" }, provider) : this.adding;
    this.element.append(form, this.secret.element, this.total, this.found);
    this.renew();
    void this.load();
  }

  private async load(): Promise<void> {
    const content = async () => {
      const users = await listUsers();
      this.body.replaceChildren(...users.map((user) => this.row(user)));
      this.tell();
      return [this.table()];
    };
    await load(this.found, content, { waiting: null });
  }

  private tell(): void {
    this.total.textContent = count(this.body.children.length, "user");
  }

  private table(): HTMLElement {
    const heads = ["User", "Role", "Status", "Last active"].map((text) => h("th", { scope: "col" }, text));
    const ways = h("th", { scope: "col" }, h("span", { class: "visually-hidden" }, "Actions"));
    const caption = h("caption", { class: "visually-hidden" }, "Users of this installation");
    return h("table", { class: "users" }, caption, h("thead", {}, h("tr", {}, ...heads, ways)), this.body);
  }

  private row(user: User): HTMLElement {
    const row = new UserRow(user, user.id === this.me.id);
    row.on("password", (made) => this.showPassword(made));
    return row.element;
  }

  private renew(): void {
    const form = new AddForm<Made>({
      title: "New user",
      intro: "A password is generated and shown to you once. Users can change it on their account page.",
      fields: [
        {
          name: "login",
          label: "Login",
          kind: "text",
          required: true,
          placeholder: "anna",
          hint: "The name to sign in with.",
        },
        { name: "name", label: "Name", kind: "text", placeholder: "Anna", hint: "The name that others see." },
        { name: "email", label: "E-mail address", kind: "text", hint: "Can also be used to sign in." },
        { name: "role", label: "Role", kind: "choice", choices: ROLE_WORDS },
      ],
      action: "Add user",
      send: (values, _sent, signal) => {
        const name = textOf(values, "name");
        const email = textOf(values, "email");
        const body = {
          login: textOf(values, "login"),
          role: textOf(values, "role") as Role,
          ...(name && { name }),
          ...(email && { email }),
        };
        return data(api.POST("/api/v1/users", { body, signal }));
      },
    });
    form.on("added", (made) => {
      this.body.prepend(this.row(made.user));
      this.tell();
      this.adding.open = false;
      this.renew();
      this.showPassword(made);
    });
    this.place.replaceChildren(form.element);
  }

  private showPassword({ user, password }: Made): void {
    if (password !== null) this.secret.show(`Password of ${user.name}:`, password);
  }
}
