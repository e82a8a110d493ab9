/** What the server writes into the page of a link: `/s/{token}`, or `/embed/{token}` in a page of another site. */

import type { ViewState } from "../circuit/types";
import { stateOf } from "./view_state";

export interface SharedPage {
  token: string;
  circuit: string;
  state: ViewState;
  /** Whether who comes by the link may write notes. */
  comment: boolean;
  embedded: boolean;
}

/** Null where the page is no link's. */
export function readShared({ dataset }: HTMLElement): SharedPage | null {
  const { shared, circuit, state = "", analysis, comment, embedded } = dataset;
  if (!shared || !circuit) return null;
  const read = stateOf(state, analysis || null).state;
  const isEmbedded = embedded === "yes";
  return {
    token: decodeURIComponent(shared.split("/").at(-1) ?? ""),
    circuit,
    // In a page of another site there is room for the graph alone.
    state: isEmbedded ? { ...read, inspector: 0, full: null } : read,
    comment: comment === "yes" && !isEmbedded,
    embedded: isEmbedded,
  };
}
