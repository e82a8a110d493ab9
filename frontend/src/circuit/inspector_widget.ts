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

/** Shows a group in the open image; `key` identifies the image. */
export interface InImage {
  key: string;
  of(group: GroupId, context: Context): HTMLElement | null;
}

/** What every part needs: the view, the requests, and the signal that ends them. */
export interface Context {
  scene: Scene;
  answers: Answers;
  look: PatchLook;
  image?: InImage | null;
  /** Aborted when something else is selected. */
  signal: AbortSignal;
}

export abstract class InspectorWidget extends Widget<InspectorEvents> {
  /** Passes on the events of `child`. */
  protected pass<W extends InspectorWidget>(child: W): W {
    child.on("select", (id) => this.emit("select", id));
    child.on("expand", (id) => this.emit("expand", id));
    child.on("hover", (id) => this.emit("hover", id));
    return child;
  }

  /** Links `element` to a node: a click selects it, pointer and focus highlight it. */
  protected jump(element: HTMLElement, id: NodeId): void {
    element.addEventListener("click", () => this.emit("select", id));
    for (const name of ["pointerenter", "focus"]) element.addEventListener(name, () => this.emit("hover", id));
    for (const name of ["pointerleave", "blur"]) element.addEventListener(name, () => this.emit("hover", null));
  }
}
