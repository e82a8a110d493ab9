/** What to say where a circuit was computed before something was kept: what is missing, and how to get it. */

import { api, data, Problem } from "../../api/client";
import { confirmDialog } from "../../base/dialog";
import { h } from "../../base/dom";
import { toast } from "../../base/toast";

/** `what` was not kept, as in `The links of this edge`. */
export function recomputeHint(circuit: string, what: string): HTMLElement {
  const again = h("button", { type: "button", class: "quiet small" }, "Compute again…");
  again.addEventListener("click", () => void recompute(circuit));
  const text = `${what} are not known: this circuit was computed before they were kept.`;
  return h("div", { class: "hint small quiet-text" }, h("p", {}, text), again);
}

async function recompute(circuit: string): Promise<void> {
  const text =
    "The circuit is traced anew with the same network, images and parameters, which may take as long as the first " +
    "time. What is shown now stays until that is done; its progress stands in the list of circuits.";
  if (!(await confirmDialog("Compute this circuit again?", text, "Compute again"))) return;
  try {
    await data(api.POST("/api/v1/circuits/{id}/recompute", { params: { path: { id: circuit } } }));
    toast("The circuit is being computed again.");
  } catch (error) {
    toast(error instanceof Problem ? error.message : String(error), "bad");
  }
}
