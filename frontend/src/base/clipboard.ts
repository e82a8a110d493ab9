/** Copies links and texts, or selects them for the user to copy. */

import { openDialog } from "./dialog";
import { h } from "./dom";
import { toast } from "./toast";

/** Copies the page's address. If the browser denies it, shows the address to copy by hand. */
export async function copyLink(): Promise<void> {
  try {
    await navigator.clipboard.writeText(location.href);
    toast("Link copied. It opens this view.");
  } catch {
    const field = h("input", { value: location.href, readonly: true, "aria-label": "Link", class: "ex-link" });
    field.style.width = "100%";
    openDialog("Link to this view", [h("p", {}, "Press Ctrl+C to copy this address:"), field]);
    field.select();
  }
}

/** Copies a text. If the browser denies it, shows the text to copy by hand. */
export async function copyText(text: string, done: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast(done);
  } catch {
    const field = h("textarea", { readonly: true, rows: 4, "aria-label": "Text to copy", class: "ex-link" }, text);
    field.style.width = "100%";
    openDialog("Press Ctrl+C to copy", [field]);
    field.select();
  }
}
