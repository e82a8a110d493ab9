/** The request that the selections make: what is missing, its body, and the fields of its errors. */

import type { Problem, Schemas } from "../api/client";
import type { Choices } from "./choices";
import { PARAMETERS, type ParameterName, type TraceParameters } from "./parameter_specs";
import { checkParameters } from "./parameters";

export interface Ready {
  network: string;
  dataset: string;
  classes: string[];
  parameters: TraceParameters;
}

/** The parts of the body, or a sentence that says what to do first. */
export function readyRequest(choices: Choices): Ready | string {
  const { network, dataset, classes, several, layers } = choices;
  if (!network) return "Choose a network.";
  if (!dataset) return "Choose a data set.";
  if (classes.length === 0) return several ? "Choose at least one class." : "Choose a class.";
  if (layers?.length === 0) return "Choose at least one layer below the class.";
  const checked = checkParameters(choices.parameters);
  if ("problems" in checked) {
    const labels = PARAMETERS.filter(({ name }) => checked.problems.has(name)).map(({ label }) => label);
    return `Correct these values: ${labels.join(", ")}.`;
  }
  return { network, dataset, classes, parameters: { ...checked.values, layers } };
}

/** The body of `POST /circuits` and of its estimate, for the first class. */
export function circuitBody({ network, dataset, classes, parameters }: Ready): Schemas["CircuitIn"] {
  return { network, dataset, class: classes[0] ?? "", parameters };
}

/** The errors of single parameters (`body.parameters.tau`). */
export function refusedParameters(problem: Problem): Map<ParameterName, string> {
  const found = new Map<ParameterName, string>();
  for (const { place, message } of problem.errors) {
    const name = place.split(".")[2] as ParameterName;
    if (place.startsWith("body.parameters.") && PARAMETERS.some((spec) => spec.name === name)) found.set(name, message);
  }
  return found;
}
