/** The user's API tokens: scope and expiry of each, a form to create one, and a button to revoke one. */

import { api, data, type Schemas } from "../api/client";
import { AddForm } from "../base/add_form";
import { h } from "../base/dom";
import { PagedList } from "../base/paged_list";
import { isAtLeast, type Me } from "./me";
import { textOf } from "./password_form";
import { SecretNote } from "./secret_note";
import { type Token, TokenRow } from "./token_row";

type Made = Schemas["NewToken"];
type Scope = Schemas["Scope"];

const SCOPES: readonly { scope: Scope; role: Me["role"]; words: string }[] = [
  { scope: "read", role: "viewer", words: "read – can read what you can see" },
  { scope: "write", role: "editor", words: "write – can also add and change what you can" },
  { scope: "admin", role: "admin", words: "admin – can do everything that you can" },
];
const NEVER = "never";

export class TokenList {
  private readonly list = h("ul", { class: "token-list" });
  private readonly tokens: PagedList<Token>;
  private readonly secret = new SecretNote();
  private readonly place = h("div", {});
  private readonly adding = h("details", { class: "adding" }, h("summary", { class: "button" }, "Add token"));
  readonly element: HTMLElement;

  constructor(private readonly me: Me) {
    const intro = "For programs. Send it as “Authorization: Bearer TOKEN”. A token never has more rights than you.";
    this.tokens = new PagedList<Token>(this.list, {
      page: (cursor, signal) => {
        const query = { limit: 50, ...(cursor !== null && { cursor }) };
        return data(api.GET("/api/v1/tokens", { params: { query }, signal }));
      },
      row: (token) => this.row(token),
      none: () => "No tokens yet.",
    });
    this.adding.append(this.place);
    const words = h("p", { class: "small quiet-text" }, intro);
    this.element = h("div", {}, words, this.secret.element, this.list, this.tokens.foot, this.adding);
    this.secret.on("done", () => this.adding.querySelector("summary")?.focus());
    this.renew();
    void this.load();
  }

  /** Reads them again. */
  load(): Promise<void> {
    return this.tokens.refresh();
  }

  /** Replaces the form with an empty one. */
  private renew(): void {
    const form = new AddForm<Made>({
      title: "New token",
      intro: "Create one token for each program, so that you can revoke them one by one.",
      fields: [
        { name: "name", label: "Name", kind: "text", required: true, placeholder: "Notebook" },
        { name: "scope", label: "Scope", kind: "choice", choices: this.scopes() },
        {
          name: "days",
          label: "Expires",
          kind: "choice",
          choices: [
            ["90", "in 90 days"],
            ["7", "in a week"],
            ["30", "in 30 days"],
            ["365", "in a year"],
            [NEVER, "never"],
          ],
        },
      ],
      action: "Create token",
      send: (values, _sent, signal) => {
        const days = textOf(values, "days");
        const body = {
          name: textOf(values, "name"),
          scope: textOf(values, "scope") as Scope,
          days: days === NEVER ? null : Number(days),
        };
        return data(api.POST("/api/v1/tokens", { body, signal }));
      },
    });
    form.on("added", (made) => this.made(made));
    this.place.replaceChildren(form.element);
  }

  private scopes() {
    return SCOPES.filter(({ role }) => isAtLeast(this.me, role)).map(({ scope, words }) => [scope, words] as const);
  }

  private made({ token, ...shown }: Made): void {
    this.list.prepend(this.row(shown));
    this.tokens.changed();
    this.adding.open = false;
    this.renew();
    this.secret.show(`Your token “${shown.name}”.`, token);
  }

  private row(token: Token): HTMLElement {
    const row = new TokenRow(token, () =>
      data(api.DELETE("/api/v1/tokens/{id}", { params: { path: { id: token.id } } })),
    );
    row.on("revoked", () => {
      this.secret.forget();
      this.tokens.remove(row.element);
    });
    return row.element;
  }
}
