/** Pages of accounts as the tests open them, and what is pressed and filled in there. */

import type { Me } from "../src/account/me";
import { type Asked, serve, settled } from "./server";
import { all, exampleSpace, exampleToken, exampleUser, HOSTILE } from "./users";

let asked: Asked[];

/** Opens a page for `me`. */
export async function shown(
  Page: new (me: Me) => { element: HTMLElement },
  me: Me,
  answers: Parameters<typeof serve>[0] = {},
) {
  asked = serve({
    "GET /api/v1/tokens": () => all(exampleToken({ name: HOSTILE })),
    "GET /api/v1/spaces": () => all(exampleSpace()),
    "GET /api/v1/spaces/lab-7k2m9": () => exampleSpace(),
    "GET /api/v1/users": () => all(exampleUser(), exampleUser({ id: "anna-7k2m9", name: "Anna", role: "admin" })),
    ...answers,
  });
  const page = new Page(me);
  document.body.replaceChildren(page.element);
  await settled();
  return page.element;
}

export const button = (text: string, within: ParentNode = document) => {
  const found = [...within.querySelectorAll("button")].find(({ textContent }) => textContent === text);
  if (!found) throw new Error(`no button ${text}`);
  return found;
};
export const form = (label: string) => document.querySelector(`form[aria-label="${label}"]`) as HTMLFormElement;
export const fill = (within: ParentNode, name: string, value: string) => {
  const field = within.querySelector<HTMLInputElement>(`[name="${name}"]`);
  if (!field) throw new Error(`no field ${name}`);
  field.value = value;
};
export const send = async (of: HTMLFormElement) => {
  of.requestSubmit();
  await settled();
};
export const last = (method: string) => asked.filter((each) => each.method === method).at(-1);

/** Which paths of the API were asked. */
export const paths = () => asked.map(({ url }) => url.pathname);
