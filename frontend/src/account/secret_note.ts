/** Shows a password or token once, with a button to copy it. */

import { h } from "../base/dom";
import { toast } from "../base/toast";
import { Widget } from "../base/widget";
import "./secret_note.css";

export class SecretNote extends Widget<{ done: undefined }> {
  readonly element = h("div", {
    class: "secret-note",
    role: "group",
    "aria-label": "Secret, shown once",
    hidden: true,
  });
  private readonly words = h("p", { role: "status" });
  private readonly secret = h("code", { class: "secret", tabindex: 0 });
  private readonly copy = h("button", { type: "button", class: "primary" }, "Copy");

  constructor() {
    super();
    const done = h("button", { type: "button" }, "Done");
    this.element.append(this.words, this.secret, h("p", { class: "ways" }, this.copy, done));
    this.copy.addEventListener("click", () => void this.take());
    done.addEventListener("click", () => {
      this.forget();
      this.emit("done", undefined);
    });
  }

  /** Shows a secret with a description, in place of the previous one. */
  show(words: string, secret: string): void {
    this.words.textContent = `${words} Copy it now and store it safely. It is not shown again.`;
    this.secret.textContent = secret;
    this.element.hidden = false;
    this.copy.focus();
  }

  forget(): void {
    this.secret.textContent = "";
    this.words.textContent = "";
    this.element.hidden = true;
  }

  private async take(): Promise<void> {
    try {
      await navigator.clipboard.writeText(this.secret.textContent ?? "");
      toast("Copied.");
    } catch {
      // Browsers deny the clipboard to pages without TLS.
      getSelection()?.selectAllChildren(this.secret);
      toast("Selected; press Ctrl+C.");
    }
  }
}
