/** Messages in place of missing content, and the message of a failed request. */

import type { Problem } from "../api/client";
import { h } from "./dom";
import "./message.css";

export interface Way {
  label: string;
  /** An address to link to, or an action. */
  to: string | (() => void);
}

/** A message with links and buttons. `role` is `alert` for failures, `status` otherwise. */
export function message(
  title: string,
  text: string,
  ways: Way[] = [],
  role: "alert" | "status" = "status",
): HTMLElement {
  const links = ways.map(({ label, to }) => {
    if (typeof to === "string") return h("a", { class: "button", href: to }, label);
    const button = h("button", { type: "button" }, label);
    button.addEventListener("click", to);
    return button;
  });
  return h(
    "section",
    { class: "message", role },
    h("h2", {}, title),
    h("p", {}, text),
    h("p", { class: "ways" }, ...links),
  );
}

/** The message of a failed request, with a button for `again` if trying again may help. */
export function problemMessage(problem: Problem, again?: () => void, ways: Way[] = []): HTMLElement {
  const retry = again && (problem.status <= 0 || problem.status >= 500) ? [{ label: "Try again", to: again }] : [];
  return message(problem.title, problem.detail, [...retry, ...ways], "alert");
}

/** The message of a failed request as one line, for forms. */
export function problemLine({ errors, message }: Problem): HTMLElement {
  const [first] = errors;
  return h("p", { class: "problem-line" }, first ? `${message} ${first.message}` : message);
}
