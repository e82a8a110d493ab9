/** Tells what a number of the lens is. */

import { openDialog } from "../base/dialog";
import { h } from "../base/dom";
import { DEFINITIONS, type Term } from "./definitions";

export function define(term: Term): HTMLDialogElement {
  const { name, plain, exact } = DEFINITIONS[term];
  return openDialog(name, [h("p", {}, plain), h("h3", {}, "Exactly"), h("p", {}, exact)]);
}
