/** Postpones updates while the user types. */

const FIELDS = "textarea, input:not([type=checkbox], [type=radio], [type=range])";

/** Whether the user types within `element`. */
export function isTyping(element: Element): boolean {
  const active = document.activeElement;
  return active !== null && element.contains(active) && active.matches(FIELDS);
}

/** `show`, put off while the user types within `element`; it is called once they have left the field. */
export function whileTyping(element: HTMLElement, show: () => void): () => void {
  let due = false;
  element.addEventListener("focusout", () => {
    if (!due) return;
    // The focus has not arrived yet.
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
