/** A modal dialog on the browser's own `<dialog>`: Escape and a click outside close it. */

import { h } from "./dom";
import "./dialog.css";

/** Opens a dialog with `content`; calls `onClose` when it is closed in any way. */
export function openDialog(title: string, content: Node[], onClose?: () => void): HTMLDialogElement {
  const close = h("button", { class: "quiet", type: "button", "aria-label": "Close" }, "✕");
  const body = h("div", { class: "dialog-body" }, ...content);
  const head = h("header", {}, h("h2", {}, title), close);
  const dialog = h("dialog", { "aria-label": title }, head, body);
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener("close", () => {
    dialog.remove();
    onClose?.();
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** Asks the user to confirm an action that cannot be undone. */
export function confirmDialog(title: string, text: string, action: string): Promise<boolean> {
  return new Promise((resolve) => {
    const yes = h("button", { type: "button", class: "danger" }, action);
    const no = h("button", { type: "button" }, "Cancel");
    let answer = false;
    const buttons = h("p", { class: "ways" }, yes, no);
    const dialog = openDialog(title, [h("p", {}, text), buttons], () => resolve(answer));
    yes.addEventListener("click", () => {
      answer = true;
      dialog.close();
    });
    no.addEventListener("click", () => dialog.close());
  });
}
