/** Postpones updates while the user types. */

const FIELDS = "textarea, input:not([type=checkbox], [type=radio], [type=range])";

/** Whether the user types within `element`. */
export function isTyping(element: Element): boolean {
  const active = document.activeElement;
  return active !== null && element.contains(active) && active.matches(FIELDS);
}

/** Returns `show`, delayed until the user leaves the field in `element` that they type in. */
export function whileTyping(element: HTMLElement, show: () => void): () => void {
  let due = false;
  element.addEventListener("focusout", () => {
    if (!due) return;
    // The next element gets the focus after this event.
    setTimeout(() => {
      if (!due || isTyping(element)) return;
      due = false;
      show();
    });
  });
  return () => {
    due = isTyping(element);
    if (!due) show();
  };
}
