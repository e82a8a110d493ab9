/** A link that was just made. It is told this once: the server keeps no copy that could be read. */

import { copyText } from "../base/clipboard";
import { h } from "../base/dom";
import type { MadeLink } from "./types";
import "./made_link.css";

export function madeLink({ address, token, may_comment }: MadeLink): HTMLElement {
  const field = h("input", { value: address, readonly: true, "aria-label": "The link" });
  const copy = h("button", { type: "button", class: "primary" }, "Copy");
  copy.addEventListener("click", () => {
    field.select();
    void copyText(address, "Link copied.");
  });
  const embed = `<iframe src="${new URL(`/embed/${token}`, address).href}" width="800" height="500" title="NeurFlow Explorer"></iframe>`;
  const embedCopy = h("button", { type: "button", class: "quiet small" }, "Copy the line to embed it in a page");
  embedCopy.addEventListener("click", () => void copyText(embed, "Line to embed copied."));
  const rights = may_comment
    ? "Who has it sees this view, and may write notes."
    : "Who has it sees this view, read-only.";
  return h(
    "div",
    { class: "made-link", role: "status" },
    h("p", {}, h("strong", {}, "The link is ready."), ` ${rights} It is shown this once: copy it now.`),
    h("p", { class: "made-link-row" }, field, copy),
    embedCopy,
  );
}
