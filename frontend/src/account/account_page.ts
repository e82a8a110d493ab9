/** The user's own account: profile, password, API tokens and spaces. */

import { h } from "../base/dom";
import { toast } from "../base/toast";
import type { Me } from "./me";
import { passwordForm } from "./password_form";
import { SpaceList } from "./space_list";
import { TokenList } from "./token_list";
import "../base/list_page.css";
import "./account_page.css";

const ROLES: Record<Me["role"], string> = {
  viewer: "You can read what is shared with you. Ask an administrator for the role of an editor to compute circuits.",
  editor:
    "You can add networks and data sets, compute circuits, and change what you own and what is in spaces that you edit.",
  admin: "You can see and change everything, and manage users.",
};

export class AccountPage {
  readonly element: HTMLElement;
  private readonly password = h("div", {});
  private readonly tokens: TokenList;

  constructor(private readonly me: Me) {
    this.tokens = new TokenList(me);
    this.renewPassword();
    const provider = "You sign in with your organisation’s account. Change your password there.";
    this.element = h(
      "div",
      { class: "account-page" },
      h("h1", {}, "Account"),
      h(
        "div",
        { class: "account-parts" },
        part("Profile", this.facts()),
        part("Password", me.auth === "accounts" ? this.password : h("p", {}, provider)),
        part("Spaces", new SpaceList(me).element),
        part("API tokens", this.tokens.element),
      ),
    );
  }

  private facts(): HTMLElement {
    const { id, name, role } = this.me;
    const row = (title: string, ...value: (Node | string)[]) => [h("dt", {}, title), h("dd", {}, ...value)];
    return h(
      "dl",
      { class: "account-facts" },
      ...row("Name", name),
      ...row("Role", h("strong", {}, role), " ", h("span", { class: "small quiet-text" }, ROLES[role])),
      ...row(
        "Id",
        h("code", {}, id ?? ""),
        " ",
        h("span", { class: "small quiet-text" }, "Give it to the administrator of a space who wants to add you."),
      ),
    );
  }

  private renewPassword(): void {
    const form = passwordForm();
    form.on("added", ({ revokes }) => {
      const tokens = revokes ? " and your API tokens revoked" : "";
      toast(`Password changed. Your other sessions were signed out${tokens}.`);
      if (revokes) void this.tokens.load();
      this.renewPassword();
    });
    this.password.replaceChildren(form.element);
  }
}

function part(title: string, content: HTMLElement): HTMLElement {
  return h("section", { class: "account-part", "aria-label": title }, h("h2", {}, title), content);
}
