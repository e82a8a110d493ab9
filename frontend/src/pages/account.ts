/** The pages of accounts: account, users and activity. Short, as each entry of the build is. */

import { here } from "../api/address";
import { loginAddress } from "../account/account_menu";
import { AccountPage } from "../account/account_page";
import { ActivityPage } from "../account/activity_page";
import { type Me, whoAmI } from "../account/me";
import { UsersPage } from "../account/users_page";
import { message } from "../base/message";
import { startPage } from "./page";

const PAGES: Record<string, new (me: Me) => { element: HTMLElement }> = {
  "/account": AccountPage,
  "/users": UsersPage,
  "/activity": ActivityPage,
};

const main = startPage();
const me = await whoAmI();
const Page = PAGES[here()];
if (me === null) main.append(message("You are not signed in", "", [{ label: "Sign in", to: loginAddress() }]));
else if (me.id !== null && Page) main.append(new Page(me).element);
else
  main.append(message("No accounts", "This installation has no accounts. Everyone who can open it can do everything."));
