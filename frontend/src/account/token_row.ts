/** A row of a list of API tokens: scope, expiry and last use of one, and a button to revoke it. */

import { type Schemas, unlessGone } from "../api/client";
import { confirmDialog } from "../base/dialog";
import { h } from "../base/dom";
import { moment } from "../base/format";
import { attempt } from "../base/load";
import { toast } from "../base/toast";
import { Widget } from "../base/widget";
import "./token_list.css";

export type Token = Schemas["TokenOut"];

/** Emits `revoked`, for the list to remove the row. `send` revokes the token. */
export class TokenRow extends Widget<{ revoked: undefined }> {
  readonly element: HTMLElement;

  constructor(
    private readonly token: Token,
    private readonly send: () => Promise<unknown>,
  ) {
    super();
    const revoke = h("button", { type: "button", class: "danger" }, "Revoke…");
    revoke.setAttribute("aria-label", `Revoke ${token.name}`);
    const { created_at, expires_at, last_used_at } = token;
    const facts = h(
      "p",
      { class: "small quiet-text" },
      h("span", {}, `scope: ${token.scope}`),
      h("span", {}, expires_at ? `expires ${moment(expires_at)}` : "never expires"),
      h("span", {}, last_used_at ? `last used ${moment(last_used_at)}` : "never used"),
      h("span", {}, `created ${moment(created_at)}`),
    );
    this.element = h("li", {}, h("div", {}, h("strong", {}, token.name), facts), revoke);
    revoke.addEventListener("click", () => void this.revoke());
  }

  private async revoke(): Promise<void> {
    const { name } = this.token;
    const text = `Programs that use ${name} can no longer sign in. You can’t undo this.`;
    if (!(await confirmDialog("Revoke this token?", text, "Revoke"))) return;
    const revoked = await attempt(async () => {
      await unlessGone(this.send());
      toast(`Revoked ${name}.`);
    });
    if (revoked) this.emit("revoked", undefined);
  }
}
