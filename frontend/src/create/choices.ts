/** The selections on the page, and their form in its address. */

import { DEFAULTS, PARAMETERS, type Typed } from "./parameter_specs";

export interface Choices {
  network: string | null;
  dataset: string | null;
  /** Whether circuits of several classes are requested at once. */
  several: boolean;
  /** The names of the classes in the API; at most one unless `several`. */
  classes: string[];
  /** The names of the layers below the logits, from low to high; null for the default ones. */
  layers: string[] | null;
  parameters: Typed;
}

export function noChoices(): Choices {
  return { network: null, dataset: null, several: false, classes: [], layers: null, parameters: { ...DEFAULTS } };
}

/** The choices in an address, `?network=…&class=…&tau=8`. Unknown ones are ignored. */
export function readChoices(search: string): Choices {
  const query = new URLSearchParams(search);
  const several = query.get("several") === "1";
  const classes = [...new Set(query.getAll("class").filter(Boolean))];
  const layers = [...new Set(query.getAll("layer").filter(Boolean))];
  const parameters = { ...DEFAULTS };
  // Kept as text, so that an invalid value is shown with its error.
  for (const { name } of PARAMETERS) parameters[name] = query.get(name)?.trim() || DEFAULTS[name];
  return {
    network: query.get("network") || null,
    dataset: query.get("dataset") || null,
    several,
    classes: several ? classes : classes.slice(0, 1),
    layers: layers.length > 0 ? layers : null,
    parameters,
  };
}

/** The address's query for choices, with its `?`; empty if nothing was chosen. */
export function writeChoices(choices: Choices): string {
  const query = new URLSearchParams();
  if (choices.network) query.set("network", choices.network);
  if (choices.dataset) query.set("dataset", choices.dataset);
  if (choices.several) query.set("several", "1");
  for (const name of choices.classes) query.append("class", name);
  for (const name of choices.layers ?? []) query.append("layer", name);
  for (const { name } of PARAMETERS) {
    const typed = choices.parameters[name].trim();
    if (typed && typed !== DEFAULTS[name]) query.set(name, typed);
  }
  const text = query.toString();
  return text && `?${text}`;
}
