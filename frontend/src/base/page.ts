/** What every page does first: its styles, and the switch of its colours. */

import "./tokens.css";
import "./base.css";
import { byId } from "./dom";
import { themeButton } from "./theme";
import { toastWaiting } from "./toast";

/** Readies the frame; gives the element that the page fills. */
export function startPage(): HTMLElement {
  byId("site-tools").append(themeButton());
  toastWaiting();
  return byId("main");
}
