/** A group by its picture and its name: choosing it shows it in the graph, pointing at it lights it there. */

import { h } from "../base/dom";
import { plainPicture } from "../base/picture";
import { capital } from "../circuit/scene";
import { groupName } from "../circuit/section_words";
import type { GroupId } from "../circuit/types";
import { standsFor } from "./group_chip";
import type { LensContext } from "./lens_context";
import "./section_group.css";

/** A group of the circuit that is shown. */
export function groupButton(context: LensContext, id: GroupId): HTMLElement {
  const known = context.overview.groups.find((group) => group.id === id);
  const button = h("button", { type: "button", class: "quiet lens-group" }, ...groupLook(id, known?.picture ?? null));
  return standsFor(button, context, id);
}

/** A group of another circuit: leads to `address`. */
export function groupLink(id: GroupId, address: string | null, to: string): HTMLElement {
  return h("a", { class: "button quiet lens-group", href: to }, ...groupLook(id, address));
}

function groupLook(id: GroupId, address: string | null): HTMLElement[] {
  return [
    h("span", { class: "lens-thumb" }, plainPicture(address, "")),
    h("span", { class: "lens-group-name" }, capital(groupName(id))),
  ];
}
