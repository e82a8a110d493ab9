/** A small picture: loaded when it comes near, never stretched, a calm square where it is missing. */

import { h } from "../base/dom";
import "./picture.css";

/** `text` is said in its place; empty for a picture that says nothing of its own. */
export function picture(address: string, text = ""): HTMLElement {
  const image = h("img", { src: address, alt: text, loading: "lazy", decoding: "async", draggable: "false" });
  const frame = h("span", { class: "picture" }, image);
  image.addEventListener("error", () => {
    image.remove();
    frame.classList.add("missing");
    frame.title = "This picture is missing";
    if (text) frame.append(h("span", { class: "visually-hidden" }, text));
  });
  return frame;
}
