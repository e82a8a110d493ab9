/** The API tokens of another user, for administrators: a list in a dialog, to revoke one or all. */

import { api, data } from "../api/client";
import { confirmDialog, openDialog } from "../base/dialog";
import { h } from "../base/dom";
import { attempt } from "../base/load";
import { PagedList } from "../base/paged_list";
import { toast } from "../base/toast";
import { type Token, TokenRow } from "./token_row";
import type { User } from "./users";

export class UserTokens {
  private readonly list = h("ul", { class: "token-list" });
  private readonly tokens: PagedList<Token>;
  private readonly all = h("button", { type: "button", class: "danger" }, "Revoke all…");
  readonly element: HTMLDialogElement;

  /** Opens at once. */
  constructor(private readonly user: User) {
    const closed = new AbortController();
    const id = { id: user.id };
    this.tokens = new PagedList<Token>(
      this.list,
      {
        page: (cursor, signal) => {
          const query = { limit: 50, ...(cursor !== null && { cursor }) };
          return data(api.GET("/api/v1/users/{id}/tokens", { params: { path: id, query }, signal }));
        },
        row: (token) => this.row(token),
        came: () => this.count(),
        none: () => "No tokens.",
      },
      closed.signal,
    );
    this.all.hidden = true;
    this.all.addEventListener("click", () => void attempt(() => this.revokeAll()));
    const content = [this.list, this.tokens.foot, h("p", { class: "ways" }, this.all)];
    this.element = openDialog(`API tokens of ${user.name}`, content, () => closed.abort());
    void this.tokens.refresh();
  }

  private row(token: Token): HTMLElement {
    const path = { id: this.user.id, token: token.id };
    const row = new TokenRow(token, () => data(api.DELETE("/api/v1/users/{id}/tokens/{token}", { params: { path } })));
    row.on("revoked", () => {
      this.tokens.remove(row.element);
      this.count();
    });
    return row.element;
  }

  private count(): void {
    this.all.hidden = this.list.childElementCount === 0;
  }

  private async revokeAll(): Promise<void> {
    const text = `Programs of ${this.user.name} can no longer sign in. You can’t undo this.`;
    if (!(await confirmDialog("Revoke all tokens?", text, "Revoke all"))) return;
    await data(api.DELETE("/api/v1/users/{id}/tokens", { params: { path: { id: this.user.id } } }));
    toast(`Revoked all tokens of ${this.user.name}.`);
    await this.tokens.refresh();
  }
}
