/** The base of all parts of the inspector, and the events that they emit. */

import { Widget } from "../base/widget";
import type { Answers } from "./answers";
import type { PatchLook } from "./patch_look";
import type { Scene } from "./scene";
import type { EdgeId, GroupId, NodeId } from "./types";

export interface InspectorEvents {
  select: NodeId | EdgeId | null;
  expand: GroupId;
  hover: NodeId | null;
}

/** What an open image does to a group; `key` differs from image to image. */
export interface InImage {
  key: string;
  of(group: GroupId, context: Context): HTMLElement | null;
}

/** What a part is given: what is inspected, whom to ask, and until when it is needed. */
export interface Context {
  scene: Scene;
  answers: Answers;
  look: PatchLook;
  image?: InImage | null;
  /** Aborted when something else is chosen. */
  signal: AbortSignal;
}

export abstract class InspectorWidget extends Widget<InspectorEvents> {
  /** Tells on what `child` tells. */
  protected pass<W extends InspectorWidget>(child: W): W {
    child.on("select", (id) => this.emit("select", id));
    child.on("expand", (id) => this.emit("expand", id));
    child.on("hover", (id) => this.emit("hover", id));
    return child;
  }

  /** Makes `element` a jump to a node: a click chooses it, the pointer and the focus light it up. */
  protected jump(element: HTMLElement, id: NodeId): void {
    element.addEventListener("click", () => this.emit("select", id));
    for (const name of ["pointerenter", "focus"]) element.addEventListener(name, () => this.emit("hover", id));
    for (const name of ["pointerleave", "blur"]) element.addEventListener(name, () => this.emit("hover", null));
  }
}
