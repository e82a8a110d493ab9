/** What every page does first: styles, theme button, account menu. */

import { here } from "../api/address";
import "../base/tokens.css";
import "../base/base.css";
import { AccountMenu } from "../account/account_menu";
import { watchSession } from "../account/logged_out";
import { type Me, whoAmI } from "../account/me";
import { byId } from "../base/dom";
import { themeButton } from "../base/theme";
import { toastWaiting } from "../base/toast";

/** Prepares the frame. Returns the element for the page's content. */
export function startPage(): HTMLElement {
  const account = new AccountMenu();
  byId("site-tools").append(account.element, themeButton());
  // No one is signed in on the sign-in page.
  if (here() !== "/login") void whoAmI().then((me) => greet(account, me));
  toastWaiting();
  return byId("main");
}

function greet(account: AccountMenu, me: Me | null): void {
  account.show(me);
  if (me && me.id !== null) watchSession(me);
}
