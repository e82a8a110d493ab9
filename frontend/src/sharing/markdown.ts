/**
 * A note's HTML as elements: the server's sanitised HTML is parsed, and rebuilt from a list of allowed elements.
 *
 * The text is parsed into a separate document, which runs and loads nothing, and never becomes part of the page.
 */

import { h } from "../base/dom";

const PLAIN = [
  "p",
  "pre",
  "blockquote",
  "ul",
  "ol",
  "li",
  "hr",
  "br",
  "em",
  "strong",
  "s",
  "code",
  "table",
  "thead",
  "tbody",
  "tr",
  "th",
  "td",
] as const;
type Plain = (typeof PLAIN)[number];

/** Headings become lower than those of the page. */
const HEADING = /^h[1-6]$/;
const GONE: ReadonlySet<string> = new Set(["script", "style", "template", "iframe", "object", "embed", "svg", "math"]);
const DEEPEST = 40;

/** The content of a note. */
export function rendered(html: string): Node[] {
  const parsed = new DOMParser().parseFromString(html, "text/html");
  return childrenOf(parsed.body, 0);
}

function childrenOf(element: Element, depth: number): Node[] {
  if (depth > DEEPEST) return [document.createTextNode(element.textContent ?? "")];
  return [...element.childNodes].flatMap((child) => built(child, depth + 1));
}

function built(node: Node, depth: number): Node[] {
  if (node.nodeType === Node.TEXT_NODE) return [document.createTextNode(node.textContent ?? "")];
  if (!(node.nodeType === Node.ELEMENT_NODE)) return [];
  const element = node as Element;
  const name = element.localName;
  if (GONE.has(name)) return [];
  const content = childrenOf(element, depth);
  if (name === "a") return [link(element, content)];
  if (HEADING.test(name)) return [h("h5", {}, ...content)];
  if (!isPlain(name)) return content;
  const start = name === "ol" ? Number(element.getAttribute("start")) : 0;
  return [h(name, { start: Number.isInteger(start) && start > 1 ? start : null }, ...content)];
}

const isPlain = (name: string): name is Plain => (PLAIN as readonly string[]).includes(name);

/** Only links to the web and to this site are allowed; others become text. */
function link(element: Element, content: Node[]): HTMLElement {
  const to = element.getAttribute("href") ?? "";
  const safe = /^https?:\/\//i.test(to) || /^[/?#](?![/\\])/.test(to);
  if (!safe) return h("span", {}, ...content);
  const outside = /^https?:/i.test(to);
  return h("a", { href: to, rel: "noopener noreferrer nofollow", target: outside && "_blank" }, ...content);
}
