/** Takes somebody into a space. Administrators choose by name; others type the id that stands on each person's page. */

import { api, data, type Schemas } from "../api/client";
import { AddForm, Complaining } from "../base/add_form";
import type { FieldSpec } from "../base/form_field";
import type { Role } from "./me";
import { textOf } from "./password_form";
import type { SpaceDetail } from "./spaces";

export const SPACE_ROLES: Record<Role, string> = {
  viewer: "viewer – sees what is in it",
  editor: "editor – also changes it",
  admin: "admin – also chooses the members",
};

type User = Pick<Schemas["UserOut"], "id" | "name" | "login">;

/** `users` are those that can be chosen; empty where the person may not list them. */
export function memberForm(space: SpaceDetail, users: readonly User[]): AddForm<SpaceDetail> {
  const within = new Set(space.members.map(({ user }) => user));
  const left = users.filter(({ id }) => !within.has(id));
  const shown = ({ id, name, login }: User) => [id, login && login !== name ? `${name} (${login})` : name] as const;
  const person: FieldSpec =
    users.length > 0
      ? { name: "user", label: "Person", kind: "choice", choices: left.map(shown) }
      : {
          name: "user",
          label: "Person",
          kind: "text",
          required: true,
          placeholder: "anna-7k2m9",
          hint: "Their id: it stands on their own account page, for them to give to you.",
        };
  return new AddForm<SpaceDetail>({
    title: `Take somebody into ${space.name}`,
    intro: users.length > 0 && left.length === 0 ? "Everybody is in it already." : "",
    fields: [
      person,
      { name: "role", label: "Role in this space", kind: "choice", choices: Object.entries(SPACE_ROLES) },
    ],
    action: "Take in",
    send: (values, _sent, signal) => {
      const user = textOf(values, "user");
      if (!user) throw new Complaining("user", "There is nobody to choose.");
      const role = textOf(values, "role") as Role;
      const params = { path: { id: space.id, user } };
      return data(api.PUT("/api/v1/spaces/{id}/members/{user}", { params, body: { role }, signal }));
    },
  });
}
