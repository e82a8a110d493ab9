/** The keyboard shortcuts. They are off while the user types or a dialog is open. */

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
  ["↑ ↓ ← →", "Move through the graph, or the rows of the table"],
  ["Enter", "Open the selected group in the inspector; press again to expand it"],
  ["e", "Expand the selected group into neurons and semantic groups, or collapse it"],
  ["m", "Mark the selected group for merging (or Shift-click)"],
  ["f", "Fit the circuit to the screen"],
  ["+ −", "Zoom in and out"],
  ["[ ]", "Show fewer or more groups"],
  ["t", "Switch between graph and table"],
  ["i", "Show or hide the inspector"],
  ["l", "Open or close the image panel"],
  ["/", "Search"],
  ["Esc", "Clear marks, clear the selection, leave full screen"],
  ["?", "Show this list"],
];

const TYPING = "input:not([type=range], [type=checkbox], [type=radio]), textarea, select, [contenteditable=true]";
const HAS_OWN_ENTER = "button, a, summary, input, [role=menuitem]";
const HAS_OWN_ARROWS = "input, [role=menu], [role=separator], [role=radiogroup]";

/** Calls `run` for each shortcut. If it returns true, the browser's own action is prevented. */
export function listenToKeys(run: (command: Command) => boolean, signal: AbortSignal): void {
  const heard = (event: KeyboardEvent) => {
    const command = commandOf(event);
    if (command && run(command)) event.preventDefault();
  };
  document.addEventListener("keydown", heard, { signal });
}

/** The command of a key event; null if it has none. */
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
  openDialog("Keyboard shortcuts", [h("dl", { class: "ex-keys" }, ...rows)]);
}
