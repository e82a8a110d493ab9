/** The head of a panel: what it is about, and what can be done with it. */

import { h } from "../../base/dom";
import "./panel_head.css";

export interface Action {
  label: string;
  act: () => void;
}

/** `about` stands under the title in a quiet line. */
export function panelHead(title: string, about: string, actions: Action[] = []): HTMLElement {
  const buttons = actions.map(({ label, act }) => {
    const button = h("button", { type: "button" }, label);
    button.addEventListener("click", act);
    return button;
  });
  return h(
    "header",
    { class: "panel-head" },
    h("div", {}, h("h2", {}, title), h("p", { class: "quiet-text" }, about)),
    buttons.length > 0 && h("div", { class: "panel-actions" }, ...buttons),
  );
}
