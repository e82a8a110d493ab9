/** The form that adds a member to a space: administrators choose a user, others enter an id. */

import { api, data, type Schemas } from "../api/client";
import { AddForm, InvalidField } from "../base/add_form";
import type { FieldSpec } from "../base/form_field";
import type { Role } from "./me";
import { textOf } from "./password_form";
import type { SpaceDetail } from "./spaces";

export const SPACE_ROLES: Record<Role, string> = {
  viewer: "viewer – can read",
  editor: "editor – can also change",
  admin: "admin – can also manage members",
};

type User = Pick<Schemas["UserOut"], "id" | "name" | "login">;

/** `users` can be chosen from; empty if the current user is not allowed to list users. */
export function memberForm(space: SpaceDetail, users: readonly User[]): AddForm<SpaceDetail> {
  const within = new Set(space.members.map(({ user }) => user));
  const left = users.filter(({ id }) => !within.has(id));
  const shown = ({ id, name, login }: User) => [id, login && login !== name ? `${name} (${login})` : name] as const;
  const user: FieldSpec =
    users.length > 0
      ? { name: "user", label: "User", kind: "choice", choices: left.map(shown) }
      : {
          name: "user",
          label: "User",
          kind: "text",
          required: true,
          placeholder: "anna-7k2m9",
          hint: "The user’s id. Users find it on their account page.",
        };
  return new AddForm<SpaceDetail>({
    title: `Add a member to ${space.name}`,
    intro: users.length > 0 && left.length === 0 ? "All users are members already." : "",
    fields: [user, { name: "role", label: "Role in this space", kind: "choice", choices: Object.entries(SPACE_ROLES) }],
    action: "Add member",
    send: (values, _sent, signal) => {
      const user = textOf(values, "user");
      if (!user) throw new InvalidField("user", "There are no more users to add.");
      const role = textOf(values, "role") as Role;
      const params = { path: { id: space.id, user } };
      return data(api.PUT("/api/v1/spaces/{id}/members/{user}", { params, body: { role }, signal }));
    },
  });
}
