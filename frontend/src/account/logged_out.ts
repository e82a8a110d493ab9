/** Tells the user that the session ended while a page is open, without losing what they typed. */

import { NOT_LOGGED_IN } from "../api/client";
import { openDialog } from "../base/dialog";
import { h } from "../base/dom";
import { toast } from "../base/toast";
import { loginAddress } from "./account_menu";
import { askWhoAmI, type Me } from "./me";

/** Streams reconnect every few seconds: after the user closes the dialog, it stays closed this long. */
const PEACE_MS = 60_000;

/** Watches for the end of the session of `me`, until `signal` is aborted. */
export function watchSession(me: Me, signal?: AbortSignal): void {
  let dialog: HTMLDialogElement | null = null;
  let closed = -Infinity;
  const options = signal ? { signal } : undefined;
  const returned = async () => {
    if (!dialog || document.visibilityState === "hidden") return;
    const now = await askWhoAmI();
    if (now === null || now.id === null || !dialog) return;
    dialog.close();
    if (now.id === me.id) toast("You are signed in again.");
    else toast(`You are now signed in as ${now.name}. Reload the page.`);
  };
  const ended = () => {
    // Several requests may fail at once: one dialog is enough.
    if (dialog || Date.now() - closed < PEACE_MS) return;
    dialog = openDialog("You were signed out", content(), () => {
      dialog = null;
      closed = Date.now();
    });
  };
  document.addEventListener(NOT_LOGGED_IN, ended, options);
  document.addEventListener("visibilitychange", () => void returned(), options);
  window.addEventListener("focus", () => void returned(), options);
}

function content(): Node[] {
  const text =
    "Your session expired or was ended elsewhere. Sign in in a new tab, then continue here: this page keeps everything that " +
    "you typed.";
  // In a new tab: this page keeps what the user typed.
  const link = h("a", { class: "button primary", href: loginAddress(), target: "_blank", rel: "noopener" }, "Sign in");
  return [h("p", {}, text), h("p", { class: "ways" }, link)];
}
