/** A picture that may be missing: then a calm square stands in its place. */

import { h } from "../../base/dom";
import "./picture.css";

/** `alt` is empty where a name stands beside it. */
export function picture(address: string | null, alt: string): HTMLElement {
  if (!address) return missing(alt);
  const image = h("img", { class: "picture", src: address, alt, loading: "lazy", decoding: "async" });
  image.addEventListener("error", () => image.replaceWith(missing(alt)), { once: true });
  return image;
}

function missing(alt: string): HTMLElement {
  const text = "The picture is missing";
  const role = alt ? { role: "img", "aria-label": `${alt}: ${text.toLowerCase()}` } : { "aria-hidden": "true" };
  return h("span", { class: "picture missing", title: text, ...role });
}
