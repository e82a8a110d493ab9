/** Makes requests for a page, and reports failures in one way: `load` in a place of the page, `attempt` in a message. */

import { Problem } from "../api/client";
import { h } from "./dom";
import { problemMessage, type Way } from "./message";
import { toast } from "./toast";

interface LoadOptions {
  /** Nothing is shown once it is aborted. */
  signal?: AbortSignal | undefined;
  /** What “Try again” does: by default, the same once more. */
  again?: () => void;
  /** Shown while the request runs: by default, "Loading…"; null keeps the present content. */
  waiting?: Node | null;
  /** Further actions next to the message of a failure. */
  ways?: ((error: unknown) => Way[]) | undefined;
  /** The element around the message, if the place is a list. */
  frame?: "li";
}

/**
 * Fills `place` with the content that `fetch` returns. If a request fails, shows the problem and a way to try again.
 *
 * Returns whether the place was filled. Errors that are not problems are thrown.
 */
export async function load(
  place: HTMLElement,
  fetch: () => Promise<readonly (Node | string | null | false)[]>,
  options: LoadOptions = {},
): Promise<boolean> {
  const { signal, waiting = loadingLine(), ways, frame, again = () => void load(place, fetch, options) } = options;
  if (waiting) place.replaceChildren(waiting);
  place.setAttribute("aria-busy", "true");
  try {
    const content = await fetch();
    if (signal?.aborted) return false;
    fill(
      place,
      content.filter((node) => node !== null && node !== false),
    );
    return true;
  } catch (error) {
    if (signal?.aborted || !isProblem(error)) return false;
    const failed = problemMessage(error, again, ways?.(error));
    place.replaceChildren(frame ? h(frame, {}, failed) : failed);
    return false;
  } finally {
    if (!signal?.aborted) place.removeAttribute("aria-busy");
  }
}

/** Content that is already there is not touched: it would lose the focus. */
function fill(place: HTMLElement, content: readonly (Node | string)[]): void {
  const there = content.length === place.childNodes.length && content.every((node, i) => node === place.childNodes[i]);
  if (!there) place.replaceChildren(...content);
}

/** Whether an error is a problem to report: an aborted request is not, and other errors are thrown. */
function isProblem(error: unknown): error is Problem {
  if (error instanceof DOMException && error.name === "AbortError") return false;
  if (error instanceof Problem) return true;
  throw error;
}

interface AttemptOptions {
  /** Nothing is reported once it is aborted. */
  signal?: AbortSignal | undefined;
  /** Shows the problem: by default, in a message at the foot of the page. */
  report?: (problem: Problem) => void;
}

/** Does `work`. If a request fails, reports the problem. Returns whether the work was done. */
export async function attempt(work: () => Promise<unknown>, options: AttemptOptions = {}): Promise<boolean> {
  const { signal, report = (problem) => toast(problem.message, "bad") } = options;
  try {
    await work();
    return true;
  } catch (error) {
    if (!signal?.aborted && isProblem(error)) report(error);
    return false;
  }
}

/** The result of a request that the page can do without: null if it fails. */
export async function optional<T>(request: Promise<T>): Promise<T | null> {
  let result: T | null = null;
  await attempt(async () => (result = await request), { report: () => undefined });
  return result;
}

/** A script that is loaded when it is needed; throws a problem if that fails. */
export async function script<T>(loading: Promise<T>): Promise<T> {
  try {
    return await loading;
  } catch {
    throw new Problem(
      0,
      "Not loaded",
      "A part of the page could not be loaded. Check your connection, then try again.",
    );
  }
}

export function loadingLine(): HTMLElement {
  return h("p", { class: "quiet-text small", role: "status" }, "Loading…");
}
