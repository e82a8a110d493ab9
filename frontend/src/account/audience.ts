/** Who sees a circuit, in words. */

import type { Schemas } from "../api/client";

export type Visibility = Schemas["Visibility"];

export const VISIBILITIES: readonly Visibility[] = ["private", "team", "public"];

/** Who sees something beside its owner and administrators; `space` is the name of its space. */
export function seenBy(visibility: Visibility, space: string | null): string {
  if (visibility === "private") return "Only its owner and the administrators.";
  if (visibility === "team" && space !== null) return `The members of ${space}.`;
  return "Everybody who has an account here.";
}

/** Who may change it beside its owner and administrators. */
export function changedBy(visibility: Visibility, space: string | null): string {
  const nobody = visibility === "private" || space === null;
  return nobody ? "Nobody else may change it." : `The editors of ${space} may change it.`;
}
