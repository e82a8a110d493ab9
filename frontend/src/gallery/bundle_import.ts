/** Imports a circuit from a file: button, progress, errors. */

import { at } from "../api/address";
import type { Problem } from "../api/client";
import { h } from "../base/dom";
import { percent } from "../base/format";
import { attempt } from "../base/load";
import { type Sent, upload } from "../base/upload";
import { Widget } from "../base/widget";
import type { CardData } from "./circuit_card";
import "./bundle_import.css";

type Send = (address: string, form: FormData, sent: Sent, signal: AbortSignal) => Promise<CardData>;

export class BundleImport extends Widget<{ imported: CardData }> {
  readonly button = h(
    "button",
    { type: "button", title: "Import a zip file that was exported here or written by neurflow trace" },
    "Import circuit",
  );
  private readonly file = h("input", { type: "file", accept: ".zip,application/zip", hidden: true });
  private readonly words = h("span", { class: "import-words" });
  private readonly bar = h("progress", { max: 1, "aria-label": "Upload" });
  private readonly stop = h("button", { type: "button", class: "quiet" }, "Cancel");
  private readonly close = h("button", { type: "button", class: "quiet", "aria-label": "Close" }, "✕");
  /** The progress; empty while nothing is imported. */
  readonly element = h("div", { class: "bundle-import", role: "status", hidden: true });
  private life: AbortController | null = null;

  constructor(private readonly send: Send = upload<CardData>) {
    super();
    this.element.append(this.file, this.words, this.bar, this.stop, this.close);
    this.button.addEventListener("click", () => this.file.click());
    this.file.addEventListener("change", () => {
      const file = this.file.files?.[0];
      // So that the same file can be chosen again after it was corrected.
      this.file.value = "";
      if (file) void this.take(file);
    });
    this.stop.addEventListener("click", () => this.life?.abort());
    this.close.addEventListener("click", () => {
      this.element.hidden = true;
      this.button.focus();
    });
  }

  /** Sends a file. */
  async take(file: File): Promise<void> {
    this.life?.abort();
    const life = new AbortController();
    this.life = life;
    const form = new FormData();
    form.append("file", file);
    this.say(`Uploading ${file.name}`, true);
    this.bar.value = 0;
    const send = async () => {
      const sent: Sent = (share) => this.progress(file, share);
      const card = await this.send(at("/api/v1/uploads/circuits"), form, sent, life.signal);
      this.element.hidden = true;
      this.emit("imported", card);
    };
    const report = ({ message }: Problem) => this.say(`${file.name} was rejected: ${message}`, false);
    await attempt(send, { signal: life.signal, report });
    // Cancelled, and no other file was chosen instead.
    if (life.signal.aborted && life === this.life) this.element.hidden = true;
  }

  private progress(file: File, share: number): void {
    if (share < 1) {
      this.bar.value = share;
      this.words.textContent = `Uploading ${file.name}: ${percent(share)}`;
    } else {
      this.bar.removeAttribute("value");
      this.words.textContent = `Checking ${file.name}…`;
    }
  }

  private say(text: string, going: boolean): void {
    this.element.hidden = false;
    this.element.classList.toggle("bad", !going);
    this.words.textContent = text;
    this.bar.hidden = this.stop.hidden = !going;
    this.close.hidden = going;
  }
}
