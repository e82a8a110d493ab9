/** Changes one's own password. */

import { api, data } from "../api/client";
import { AddForm, Complaining, type Values, type Way } from "../base/add_form";

const LEAST = 10;

const WAY: Way<null> = {
  title: "Another password",
  intro: "It ends your sessions in other browsers; this one goes on.",
  fields: [
    {
      name: "current",
      label: "Present password",
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
      hint: `At least ${LEAST} characters: several words that have nothing to do with you.`,
    },
    { name: "again", label: "The new one again", kind: "password", required: true, autocomplete: "new-password" },
  ],
  action: "Change the password",
  send: async (values, _sent, signal) => {
    const given = (name: string) => textOf(values, name);
    if (given("new").length < LEAST) throw new Complaining("new", `Choose at least ${LEAST} characters.`);
    if (given("new") !== given("again")) throw new Complaining("again", "The two differ.");
    await data(api.PUT("/api/v1/me/password", { body: { current: given("current"), new: given("new") }, signal }));
    return null;
  },
};

export function passwordForm(): AddForm<null> {
  return new AddForm(WAY);
}

/** A field's text; empty where it was left out. */
export function textOf(values: Values, name: string): string {
  const value = values.get(name);
  return typeof value === "string" ? value : "";
}
