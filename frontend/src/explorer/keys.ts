/** What each key does, and when it does nothing: while a person types, or a dialog is open. */

import { openDialog } from "../base/dialog";
import { h } from "../base/dom";
import "./keys.css";

export type Command =
  | "up"
  | "down"
  | "left"
  | "right"
  | "open"
  | "clear"
  | "fit"
  | "search"
  | "table"
  | "mark"
  | "expand"
  | "less"
  | "more"
  | "inspector"
  | "image"
  | "in"
  | "out"
  | "keys";

const COMMANDS: Readonly<Record<string, Command>> = {
  ArrowUp: "up",
  ArrowDown: "down",
  ArrowLeft: "left",
  ArrowRight: "right",
  Enter: "open",
  Escape: "clear",
  f: "fit",
  "/": "search",
  t: "table",
  m: "mark",
  e: "expand",
  "[": "less",
  "]": "more",
  i: "inspector",
  l: "image",
  "+": "in",
  "=": "in",
  "-": "out",
  "?": "keys",
};

const LIST: readonly (readonly [string, string])[] = [
  ["↑ ↓ ← →", "Walk along the graph, or through the rows of the table"],
  ["Enter", "Open the chosen group in the inspector; once more expands it"],
  ["e", "Expand the chosen group into its neurons and semantic groups, or collapse it"],
  ["m", "Mark the chosen group for merging; shift and a click does the same"],
  ["f", "Fit the whole circuit into the view"],
  ["+ −", "Zoom in and out"],
  ["[ ]", "Show less, or more, of what accounts for the score"],
  ["t", "Graph or table"],
  ["i", "Show or hide the inspector"],
  ["l", "Look at an image through the circuit, or close that panel"],
  ["/", "Search"],
  ["Esc", "Let go of marks, of the chosen group, of the full screen"],
  ["?", "This list"],
];

const TYPING = "input:not([type=range], [type=checkbox], [type=radio]), textarea, select, [contenteditable=true]";
const HAS_OWN_ENTER = "button, a, summary, input, [role=menuitem]";
const HAS_OWN_ARROWS = "input, [role=menu], [role=separator], [role=radiogroup]";

/** Calls `run` for each key that is meant; it says whether it did something, and the browser does nothing then. */
export function listenToKeys(run: (command: Command) => boolean, signal: AbortSignal): void {
  const heard = (event: KeyboardEvent) => {
    const command = commandOf(event);
    if (command && run(command)) event.preventDefault();
  };
  document.addEventListener("keydown", heard, { signal });
}

/** What a key means where it was pressed; null for nothing. */
export function commandOf(event: KeyboardEvent): Command | null {
  const command = COMMANDS[event.key];
  if (!command || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return null;
  const target = event.target instanceof Element ? event.target : null;
  if (target?.closest(TYPING) || document.querySelector("dialog[open]")) return null;
  if (command === "open" && target?.closest(HAS_OWN_ENTER)) return null;
  if (event.key.startsWith("Arrow") && target?.closest(`${HAS_OWN_ARROWS}, .ex-panel, .ex-filters`)) return null;
  return command;
}

export function showKeys(): void {
  const rows = LIST.flatMap(([keys, text]) => [
    h("dt", {}, ...keys.split(" ").flatMap((key) => [h("kbd", {}, key), " "])),
    h("dd", {}, text),
  ]);
  openDialog("Keys", [h("dl", { class: "ex-keys" }, ...rows)]);
}
