/** Which files of a data set are not used, and why. Short: the data set's page is long enough without it. */

import { h } from "../base/dom";
import { count } from "../base/format";
import type { Dataset } from "./registry";

/** Nothing if every file is used. */
export function leftOutFiles(dataset: Dataset): HTMLElement[] {
  if (!dataset.left_out.length) return [];
  const total = dataset.left_out.reduce((sum, { count }) => sum + count, 0);
  const reasons = dataset.left_out.map((one) => {
    const more = one.count - one.files.length;
    const names = one.files.join(", ") + (more > 0 ? ` and ${more.toLocaleString("en")} more` : "");
    return h("li", {}, `${count(one.count, "file")}: ${one.reason}`, h("div", { class: "small quiet-text" }, names));
  });
  const summary = h("summary", {}, `${count(total, "file")} left out`);
  return [h("details", { class: "left-out" }, summary, h("ul", { class: "small" }, ...reasons))];
}
