/** The API, typed by its OpenAPI document. Every failure is a `Problem` that says what to do. */

import createClient from "openapi-fetch";
import { root } from "./address";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];

/**
 * A failure to report: RFC 9457 problem details, a server that cannot be reached (`status` 0), or a job or a step of the
 * page that failed (`status` −1).
 */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly requestId: string | null = null,
    /** With status 422: the error of each value, by its place (`body.name`). */
    readonly errors: readonly Schemas["FieldProblem"][] = [],
    /** The problem's type in the API, such as `bad-upload`; empty if it has none. */
    readonly kind = "",
  ) {
    super(detail || title);
    this.name = "Problem";
  }
}

/** The event that the document gets when a response says that no one is signed in. */
export const NOT_LOGGED_IN = "neurflow:not-logged-in";

export const api = createClient<paths>({
  baseUrl: root(),
  // FinishedAnalysis up at each call, as tests replace it.
  fetch: (request) => globalThis.fetch(request),
});

/**
 * The data of a response.
 *
 * @throws Problem if the request fails.
 */
export async function data<T>(answer: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  let found: { data?: T; error?: unknown; response: Response };
  try {
    found = await answer;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Problem(
      0,
      "No connection",
      "The server cannot be reached. Check your connection and that the server is running, then try again.",
    );
  }
  if (!found.response.ok) throw problemOf(found.response, found.error);
  return found.data as T;
}

/** The data of a response; null if its subject does not exist, that is, for `statuses`. */
export async function unlessGone<T>(answer: Promise<T>, statuses: readonly number[] = [404]): Promise<T | null> {
  return answer.catch((error: unknown) => {
    if (error instanceof Problem && statuses.includes(error.status)) return null;
    throw error;
  });
}

/** Checks whether the user is still signed in, after a failure that does not say why. */
export async function askLoggedIn(): Promise<void> {
  await data(api.GET("/api/v1/me")).catch(() => undefined);
}

/** The problem of a failed response; `body` is its JSON, or anything else if it has none. */
export function problemOf(response: Pick<Response, "status" | "headers">, body: unknown): Problem {
  const details = (typeof body === "object" && body !== null ? body : {}) as Record<string, unknown>;
  const text = (name: string) => (typeof details[name] === "string" ? (details[name] as string) : "");
  if (response.status === 401) {
    document.dispatchEvent(new Event(NOT_LOGGED_IN));
    return new Problem(401, "You are not signed in", "Sign in, then try again.");
  }
  return new Problem(
    response.status,
    text("title") || `Error ${response.status} from the server`,
    text("detail"),
    response.headers.get("X-Request-ID"),
    Array.isArray(details.errors) ? (details.errors as Schemas["FieldProblem"][]) : [],
    text("type"),
  );
}
