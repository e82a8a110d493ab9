/** Pictures, with a placeholder for missing ones. */

import { h } from "./dom";
import "./picture.css";

/** A square frame around a picture that is never stretched. `text` is said where it is missing; empty where it adds nothing. */
export function picture(address: string, text = ""): HTMLElement {
  const image = h("img", { src: address, alt: text, loading: "lazy", decoding: "async", draggable: "false" });
  const frame = h("span", { class: "picture" }, image);
  image.addEventListener("error", () => {
    image.remove();
    frame.classList.add("missing");
    frame.title = "Picture not found";
    if (text) frame.append(h("span", { class: "visually-hidden" }, text));
  });
  return frame;
}

/** The picture without a frame, in its own proportions. `alt` is empty where a name stands next to it. */
export function plainPicture(address: string | null, alt: string): HTMLElement {
  if (!address) return missing(alt);
  const image = h("img", { class: "picture", src: address, alt, loading: "lazy", decoding: "async" });
  image.addEventListener("error", () => image.replaceWith(missing(alt)), { once: true });
  return image;
}

function missing(alt: string): HTMLElement {
  const text = "Picture not found";
  const role = alt ? { role: "img", "aria-label": `${alt}: ${text.toLowerCase()}` } : { "aria-hidden": "true" };
  return h("span", { class: "picture missing", title: text, ...role });
}
