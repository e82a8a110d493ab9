/** Which field of a form a refused request speaks of. */

import type { Problem } from "../api/client";

export interface Complaint {
  /** A field's name; null where it speaks of the whole. */
  field: string | null;
  text: string;
}

const REFUSED_UPLOAD = "The upload is refused";

/** What a problem says, field by field; `fields` are the form's. */
export function complaints(problem: Problem, fields: readonly string[]): Complaint[] {
  const known = (name: string | undefined) => (name !== undefined && fields.includes(name) ? name : null);
  if (problem.errors.length > 0) {
    return problem.errors.map(({ place, value, message }) => {
      const field = known(place.split(".")[1]);
      return { field, text: field ? sentence(message) : `${place}: ${message} (it is ${value})` };
    });
  }
  const text = problem.detail || problem.title;
  if (problem.status === 413 || problem.status === 415 || problem.title === REFUSED_UPLOAD) {
    return [{ field: known("file"), text: sentence(text) }];
  }
  // `classes.0: …` of what was said beside a file; whatever else is no value that fits is the name itself.
  const field = known(/^(\w+)(\.\d+)*: /.exec(text)?.[1]) ?? (problem.status === 422 ? known("spec") : null);
  return [{ field, text: sentence(text) }];
}

function sentence(text: string): string {
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…]$/.test(begun) ? begun : `${begun}.`;
}
