/** Which errors a person is told of. */

import { Problem } from "../api/client";

/** Whether an error is one to tell; what was given up is none, and what nobody foresaw is thrown on. */
export function told(error: unknown): error is Problem {
  if (error instanceof DOMException && error.name === "AbortError") return false;
  if (error instanceof Problem) return true;
  throw error;
}
