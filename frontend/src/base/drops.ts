/** Images that the user drops on the page or pastes. */

import { h } from "./dom";
import { Widget } from "./widget";
import "./drops.css";

/** Fields that accept pasted text. */
const TYPING = "input, textarea, select, [contenteditable=true]";

export class Drops extends Widget<{ file: File }> {
  readonly element = h("div", { class: "lens-drops", hidden: true }, h("p", {}, "Drop the image to inspect it"));

  /** Accepts images while `ready` returns true. */
  constructor(
    private readonly ready: () => boolean,
    signal: AbortSignal,
  ) {
    super();
    const options = { signal };
    for (const name of ["dragenter", "dragover"] as const) {
      document.addEventListener(name, (event) => this.over(event), options);
    }
    document.addEventListener("dragleave", (event) => this.left(event), options);
    document.addEventListener("drop", (event) => this.dropped(event), options);
    document.addEventListener("paste", (event) => this.pasted(event), options);
  }

  private over(event: DragEvent): void {
    if (!this.takes(event)) return;
    event.preventDefault();
    if (event.dataTransfer) event.dataTransfer.dropEffect = "copy";
    this.element.hidden = false;
  }

  /** Whether the pointer has left the page, not just moved to another element. */
  private left(event: DragEvent): void {
    if (event.relatedTarget === null) this.element.hidden = true;
  }

  private dropped(event: DragEvent): void {
    this.element.hidden = true;
    if (!this.takes(event)) return;
    // Otherwise the browser would open the file.
    event.preventDefault();
    const [file] = event.dataTransfer?.files ?? [];
    if (file) this.emit("file", file);
  }

  private pasted(event: ClipboardEvent): void {
    if (!this.ready() || (event.target instanceof Element && event.target.closest(TYPING))) return;
    const file = [...(event.clipboardData?.files ?? [])].find(({ type }) => type.startsWith("image/"));
    if (!file) return;
    event.preventDefault();
    this.emit("file", file);
  }

  private takes({ dataTransfer }: DragEvent): boolean {
    return this.ready() && (dataTransfer?.types ?? []).includes("Files");
  }
}
