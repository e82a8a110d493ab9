/** The form that changes the user's own password. */

import { api, data } from "../api/client";
import { AddForm, InvalidField, type Values, type Way } from "../base/add_form";

const LEAST = 12;

/** Whether the API tokens were revoked, too. */
export interface Changed {
  revokes: boolean;
}

const WAY: Way<Changed> = {
  title: "Change password",
  intro: "Your sessions in other browsers are signed out.",
  fields: [
    {
      name: "current",
      label: "Current password",
      kind: "password",
      required: true,
      autocomplete: "current-password",
    },
    {
      name: "new",
      label: "New password",
      kind: "password",
      required: true,
      autocomplete: "new-password",
      hint: `At least ${LEAST} characters. Several unrelated words work well.`,
    },
    { name: "again", label: "Repeat the new password", kind: "password", required: true, autocomplete: "new-password" },
    {
      name: "tokens",
      label: "API tokens",
      kind: "choice",
      choices: [
        ["keep", "keep them"],
        ["revoke", "revoke all"],
      ],
      hint: "Revoke them if someone else may know your password.",
    },
  ],
  action: "Change password",
  send: async (values, _sent, signal) => {
    const given = (name: string) => textOf(values, name);
    if (given("new").length < LEAST) throw new InvalidField("new", `Enter at least ${LEAST} characters.`);
    if (given("new") !== given("again")) throw new InvalidField("again", "The new passwords do not match.");
    const revokes = given("tokens") === "revoke";
    const body = { current: given("current"), new: given("new"), revoke_tokens: revokes };
    await data(api.PUT("/api/v1/me/password", { body, signal }));
    return { revokes };
  },
};

export function passwordForm(): AddForm<Changed> {
  return new AddForm(WAY);
}

/** A field's text; empty if it was not filled in. */
export function textOf(values: Values, name: string): string {
  const value = values.get(name);
  return typeof value === "string" ? value : "";
}
