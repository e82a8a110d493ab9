/** A short message at the foot of the page, also for screen readers. */

import { h } from "./dom";
import "./toast.css";

const SECONDS = 5;
let region: HTMLElement | null = null;

/** Shows `text` for some seconds; `kind` is `bad` for failures. */
export function toast(text: string, kind: "good" | "bad" = "good"): void {
  if (!region?.isConnected) {
    region = h("div", { class: "toasts", role: "status", "aria-live": "polite" });
    document.body.append(region);
  }
  const line = h("p", { class: `toast ${kind}` }, text);
  region.append(line);
  setTimeout(() => line.remove(), SECONDS * 1000);
}

const NEXT = "neurflow-toast";

/** Shows `text` on the next page. */
export function toastNext(text: string): void {
  sessionStorage.setItem(NEXT, text);
}

/** Shows the text that the previous page left. */
export function toastWaiting(): void {
  const text = sessionStorage.getItem(NEXT);
  sessionStorage.removeItem(NEXT);
  if (text) toast(text);
}
