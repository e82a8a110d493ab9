/** Messages in place of missing content, and the message of a failed request. */

import { Problem } from "../api/client";
import { h } from "./dom";
import "./message.css";

export interface Way {
  label: string;
  /** Where it leads, or what it does. */
  to: string | (() => void);
}

/** A message with ways on. `role` is `alert` for what went wrong, `status` otherwise. */
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

/** What a failed request says; `again` is offered where trying again may help. */
export function problemMessage(error: unknown, again?: () => void, ways: Way[] = []): HTMLElement {
  const problem = error instanceof Problem ? error : new Problem(-1, "Something went wrong", String(error));
  const retry = again && (problem.status <= 0 || problem.status >= 500) ? [{ label: "Try again", to: again }] : [];
  return message(problem.title, problem.detail, [...retry, ...ways], "alert");
}

/** Whether an error is one to tell; what was given up is none, and what no one foresaw is thrown on. */
export function isProblem(error: unknown): error is Problem {
  if (error instanceof DOMException && error.name === "AbortError") return false;
  if (error instanceof Problem) return true;
  throw error;
}

/** What the server refused, in a line next to what was requested. */
export function problemLine(error: unknown): HTMLElement {
  if (!(error instanceof Problem)) throw error;
  const [first] = error.errors;
  return h("p", { class: "problem-line" }, first ? `${error.message} ${first.message}` : error.message);
}
