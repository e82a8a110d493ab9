/** A list that begins short, with a button for the rest. */

import { h } from "../../base/dom";

/** `rows` are built when they are to be seen. */
export function shortList<T>(
  items: readonly T[],
  row: (item: T) => HTMLElement,
  most: number,
  tag: "ul" | "ol" = "ul",
): HTMLElement {
  const list = h(tag, { class: "plain-list" }, ...items.slice(0, most).map(row));
  if (items.length <= most) return list;
  const all = h("button", { type: "button", class: "quiet small" }, `Show all ${items.length}`);
  all.addEventListener("click", () => {
    const rest = items.slice(most).map(row);
    list.append(...rest);
    all.remove();
    rest[0]?.querySelector<HTMLElement>("button, a")?.focus();
  });
  return h("div", {}, list, all);
}
