/** A sentence at the foot of the page for a few seconds, read out by screen readers. */

import { h } from "./dom";
import "./toast.css";

const SECONDS = 5;
let region: HTMLElement | null = null;

/** Says `text`; `kind` `bad` for what failed. */
export function toast(text: string, kind: "good" | "bad" = "good"): void {
  if (!region?.isConnected) {
    region = h("div", { class: "toasts", role: "status", "aria-live": "polite" });
    document.body.append(region);
  }
  const line = h("p", { class: `toast ${kind}` }, text);
  region.append(line);
  setTimeout(() => line.remove(), SECONDS * 1000);
}
