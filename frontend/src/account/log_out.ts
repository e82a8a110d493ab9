/** Signs out with the form that the server gives to this browser alone, so no other page can send it. */

import { at } from "../api/address";
import { h } from "../base/dom";

const PAGE = at("/logout");

/** Signs out and opens the sign-in page. If the form cannot be read, opens the page that asks before signing out. */
export async function logOut(
  send: (form: HTMLFormElement) => void = (form) => form.submit(),
  open: (address: string) => void = (address) => location.assign(address),
): Promise<void> {
  const token = await formToken();
  if (token === null) return open(PAGE);
  const form = h("form", { method: "post", action: PAGE, hidden: true });
  form.append(h("input", { type: "hidden", name: "token", value: token }));
  document.body.append(form);
  send(form);
}

async function formToken(): Promise<string | null> {
  try {
    const answer = await fetch(new Request(new URL(PAGE, location.href), { headers: { Accept: "text/html" } }));
    if (!answer.ok) return null;
    // Parsed as a separate document: only this value is used.
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return page.querySelector<HTMLInputElement>(`form[action="${PAGE}"] input[name="token"]`)?.value || null;
  } catch {
    return null;
  }
}
