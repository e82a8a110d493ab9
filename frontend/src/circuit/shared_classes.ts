/** The classes that a network and a data set share, as the server matches them: the pages match no names themselves. */

import { api, data, type Schemas } from "../api/client";

/** A class of a network, with the labels that mean it. */
export type NetworkClass = Schemas["ClassOut"];
export type SharedClasses = Schemas["ClassesOut"];

export const NO_CLASSES: SharedClasses = { labelled: false, classes: [], unmatched: [] };

/** The classes of a network, with the labels of a data set that mean them where one is given. */
export function readClasses(network: string, dataset: string | null, signal?: AbortSignal): Promise<SharedClasses> {
  const params = { path: { id: network }, query: dataset === null ? {} : { dataset } };
  return data(api.GET("/api/v1/networks/{id}/classes", { params, ...(signal && { signal }) }));
}

/** The classes of which a circuit can be requested: those with images, or all where no image has a label. */
export function classesWithImages({ classes }: SharedClasses): NetworkClass[] {
  return classes.filter(({ images }) => images !== 0);
}
