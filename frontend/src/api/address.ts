/**
 * Where the application lies: below the path at which a proxy serves it, which the server writes into each page. Short:
 * the lint rule `addresses/below` sends every address here.
 */

/** The path without a slash at its end; empty for none. */
export function root(): string {
  return document.documentElement.dataset.root ?? "";
}

/** The address of one of the application's paths, such as `/circuits/cat-7k2m9`. What the API answers is one already. */
export function at(path: string): string {
  return root() + path;
}

/** Which of the application's paths the page has. */
export function here(): string {
  const { pathname } = location;
  return pathname.startsWith(`${root()}/`) ? pathname.slice(root().length) : pathname;
}
