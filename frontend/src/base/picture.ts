/** Pictures, with a placeholder for missing ones. */

import { h } from "./dom";
import "./picture.css";

/** A picture in a square frame, not stretched. `text` replaces a missing picture; leave it empty for decorative ones. */
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

/** A picture without a frame, in its own proportions. Leave `alt` empty if its name is shown next to it. */
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
