/** Elements that stand for a group: a click chooses it, the pointer and the focus show where it fires. */

import type { GroupId } from "../circuit/types";
import type { LensContext } from "./lens_context";

type Hands = Pick<LensContext, "select" | "hover">;

export function standsFor<E extends HTMLElement>(element: E, hands: Hands, group: GroupId): E {
  element.dataset.group = group;
  element.addEventListener("click", () => hands.select(group));
  for (const name of ["pointerenter", "focus"]) element.addEventListener(name, () => hands.hover(group));
  for (const name of ["pointerleave", "blur"]) element.addEventListener(name, () => hands.hover(null));
  return element;
}
