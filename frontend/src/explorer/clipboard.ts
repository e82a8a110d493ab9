/** A link to the page as it is, for a teammate. */

import { openDialog } from "../base/dialog";
import { h } from "../base/dom";
import { toast } from "../base/toast";

/** Copies the page's address; where the browser does not let it, shows it to be copied by hand. */
export async function copyLink(): Promise<void> {
  try {
    await navigator.clipboard.writeText(location.href);
    toast("Link copied. It opens exactly this view.");
  } catch {
    const field = h("input", { value: location.href, readonly: true, "aria-label": "Link", class: "ex-link" });
    field.style.width = "100%";
    openDialog("Link to this view", [h("p", {}, "Copy this address:"), field]);
    field.select();
  }
}
