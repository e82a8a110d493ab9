/** What the server refused, in a line beside what was asked for. */

import { Problem } from "../api/client";
import { h } from "../base/dom";
import "./problem_line.css";

export function problemLine(error: unknown): HTMLElement {
  if (!(error instanceof Problem)) throw error;
  const [first] = error.errors;
  return h("p", { class: "problem-line" }, first ? `${error.message} ${first.message}` : error.message);
}
