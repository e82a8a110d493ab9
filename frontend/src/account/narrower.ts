/** What a circuit is made of that fewer people can see than the circuit itself, in words. */

import { api, data, type Schemas } from "../api/client";
import type { VisibilityChoice } from "./visibility_fields";
import "./narrower.css";

type Part = Schemas["Part"];
type Parts = Partial<Pick<Schemas["CircuitCard"], "network" | "dataset">>;

const KINDS: Record<Part, string> = { network: "network", dataset: "data set" };

/** A sentence or two; empty where everybody who sees the circuit sees what it is made of. */
export function narrowerWords(
  parts: readonly Part[],
  named: Parts = {},
  who = "Some users who can see this circuit",
): string {
  if (parts.length === 0) return "";
  const words = parts.map((part) => KINDS[part] + (named[part] ? ` “${named[part].name}”` : ""));
  const shown = parts.includes("dataset") ? "the images that the circuit was traced with" : "its layers and classes";
  return `${who} cannot see its ${words.join(" and its ")}. They still see ${shown}.`;
}

/** What would be narrower than a circuit with that visibility. */
export async function narrowerIf(id: string, { visibility, space }: VisibilityChoice): Promise<readonly Part[]> {
  const query = { visibility, ...(space !== null && { space }) };
  return (await data(api.GET("/api/v1/circuits/{id}/narrower", { params: { path: { id }, query } }))).narrower;
}

/** What a network or data set no longer hides, because circuits of it keep their visibility. */
export function widerWords(circuits: number): string {
  if (circuits === 0) return "";
  const [count, verb] =
    circuits === 1 ? ["One circuit", "shows"] : [`${circuits.toLocaleString("en")} circuits`, "show"];
  return `${count} ${verb} parts of it to users who cannot see it.`;
}
