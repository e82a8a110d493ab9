/** The classes that a network and a data set share, as the server matches them: the pages match no names themselves. */

import { api, data, type Schemas } from "../api/client";

/** A class of a network, with its matching labels. */
export type NetworkClass = Schemas["ClassOut"];
export type SharedClasses = Schemas["ClassesOut"];

export const NO_CLASSES: SharedClasses = { labelled: false, classes: [], unmatched: [] };

/** The classes of a network, with the matching labels of the data set if one is given. */
export function readClasses(network: string, dataset: string | null, signal?: AbortSignal): Promise<SharedClasses> {
  const params = { path: { id: network }, query: dataset === null ? {} : { dataset } };
  return data(api.GET("/api/v1/networks/{id}/classes", { params, ...(signal && { signal }) }));
}

/** The classes whose circuit can be requested: those with images, or all if the data set has no labels. */
export function classesWithImages({ classes }: SharedClasses): NetworkClass[] {
  return classes.filter(({ images }) => images !== 0);
}
