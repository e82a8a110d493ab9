/** The form that changes the user's own password. */

import { api, data } from "../api/client";
import { AddForm, InvalidField, type Values, type Way } from "../base/add_form";

const LEAST = 10;

const WAY: Way<null> = {
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
  ],
  action: "Change password",
  send: async (values, _sent, signal) => {
    const given = (name: string) => textOf(values, name);
    if (given("new").length < LEAST) throw new InvalidField("new", `Enter at least ${LEAST} characters.`);
    if (given("new") !== given("again")) throw new InvalidField("again", "The new passwords do not match.");
    await data(api.PUT("/api/v1/me/password", { body: { current: given("current"), new: given("new") }, signal }));
    return null;
  },
};

export function passwordForm(): AddForm<null> {
  return new AddForm(WAY);
}

/** A field's text; empty if it was not filled in. */
export function textOf(values: Values, name: string): string {
  const value = values.get(name);
  return typeof value === "string" ? value : "";
}
