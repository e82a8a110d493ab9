/** The hint that a circuit lacks something that newer versions save, and a button to recompute it. */

import { api, data } from "../../api/client";
import { confirmDialog } from "../../base/dialog";
import { h } from "../../base/dom";
import { attempt } from "../../base/load";
import { toast } from "../../base/toast";

/** `what` was not saved, such as `The links of this edge`. */
export function recomputeHint(circuit: string, what: string): HTMLElement {
  const again = h("button", { type: "button", class: "quiet small" }, "Recompute…");
  again.addEventListener("click", () => void recompute(circuit));
  const text = `${what} are not available: an earlier version computed this circuit and did not save them.`;
  return h("div", { class: "hint small quiet-text" }, h("p", {}, text), again);
}

async function recompute(circuit: string): Promise<void> {
  const text =
    "The circuit is traced again with the same network, images and parameters. This can take as long as the first " +
    "time. The present result stays until the new one is ready; the list of circuits shows the progress.";
  if (!(await confirmDialog("Recompute this circuit?", text, "Recompute"))) return;
  await attempt(async () => {
    await data(api.POST("/api/v1/circuits/{id}/recompute", { params: { path: { id: circuit } } }));
    toast("Recomputing the circuit.");
  });
}
