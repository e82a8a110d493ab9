/** Copies a text; where the browser does not let it, shows it to be copied by hand. */

import { openDialog } from "../base/dialog";
import { h } from "../base/dom";
import { toast } from "../base/toast";

export async function copyText(text: string, done: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast(done);
  } catch {
    const field = h("textarea", { readonly: true, rows: 4, "aria-label": "To copy", class: "ex-link" }, text);
    field.style.width = "100%";
    openDialog("Copy by hand", [field]);
    field.select();
  }
}
