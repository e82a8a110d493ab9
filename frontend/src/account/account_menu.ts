/** The account menu in the page's head, or a link to sign in. Empty without accounts. */

import { at } from "../api/address";
import { h } from "../base/dom";
import { type Item, Menu } from "../base/menu";
import { logOut } from "./log_out";
import { hasAccounts, isAtLeast, type Me } from "./me";
import "./account_menu.css";

export class AccountMenu {
  readonly element = h("div", { class: "account-menu" });

  constructor(private readonly out: () => void = () => void logOut()) {}

  /** Shows the user; for null, a link to sign in and return to this page. */
  show(me: Me | null): void {
    if (!hasAccounts(me)) this.element.replaceChildren();
    else if (me === null) this.element.replaceChildren(loginLink());
    else this.element.replaceChildren(this.menu(me));
  }

  private menu(me: Me): HTMLElement {
    const menu = new Menu("your account", () => items(me), me.name);
    menu.on("choose", () => this.out());
    const button = menu.element.querySelector("button");
    if (button) {
      button.title = `Signed in as ${me.name} (${me.role})`;
      // The label contains the visible name, so that voice control finds the button by it.
      button.setAttribute("aria-label", `${me.name}: your account`);
    }
    return menu.element;
  }
}

/** The sign-in page, which returns to this page. */
export function loginAddress(): string {
  const here = location.pathname + location.search + location.hash;
  return at(`/login?${new URLSearchParams({ next: here })}`);
}

function loginLink(): HTMLElement {
  return h("a", { class: "button quiet", href: loginAddress() }, "Sign in");
}

function items(me: Me): Item[] {
  return [
    { name: "account", label: "Account", href: at("/account") },
    ...(isAtLeast(me, "admin") ? [{ name: "users", label: "Users", href: at("/users") }] : []),
    { name: "activity", label: "Activity", href: at("/activity") },
    { name: "out", label: "Sign out" },
  ];
}
