/** Loads content from the server into a place of the page, and reports failures in one way. */

import { h } from "./dom";
import { isProblem, problemMessage, type Way } from "./message";
import { toast } from "./toast";

interface LoadOptions {
  /** Nothing is shown once it is aborted. */
  signal?: AbortSignal | undefined;
  /** The content while it loads: by default a line that says "Loading…"; null leaves what is there. */
  waiting?: Node | null;
  /** Offered next to the message of a failure. */
  ways?: ((error: unknown) => Way[]) | undefined;
  /** Within which element the message stands, where the place is a list. */
  frame?: "li";
}

/**
 * Fills `place` with what `fetch` gives; where the server refuses, with its problem and a button that tries again.
 *
 * What no one foresaw is thrown on. Gives whether the place was filled.
 */
export async function load(
  place: HTMLElement,
  fetch: () => Promise<readonly (Node | string | null | false)[]>,
  options: LoadOptions = {},
): Promise<boolean> {
  const { signal, waiting = loadingLine(), ways, frame } = options;
  if (waiting) place.replaceChildren(waiting);
  place.setAttribute("aria-busy", "true");
  try {
    const content = await fetch();
    if (signal?.aborted) return false;
    place.replaceChildren(...content.filter((node) => node !== null && node !== false));
    return true;
  } catch (error) {
    if (signal?.aborted || !isProblem(error)) return false;
    const failed = problemMessage(error, () => void load(place, fetch, options), ways?.(error));
    place.replaceChildren(frame ? h(frame, {}, failed) : failed);
    return false;
  } finally {
    if (!signal?.aborted) place.removeAttribute("aria-busy");
  }
}

/** Does `work`; where the server refuses, calls `undo` and says why at the foot of the page. Gives whether it was done. */
export async function attempt(work: () => Promise<unknown>, undo?: () => void): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    undo?.();
    if (isProblem(error)) toast(error.message, "bad");
    return false;
  }
}

export function loadingLine(): HTMLElement {
  return h("p", { class: "quiet-text small", role: "status" }, "Loading…");
}
