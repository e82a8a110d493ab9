/** The provenance of a circuit: everything needed to compute it again. */

import { h } from "../../base/dom";
import { count, moment } from "../../base/format";
import type { Overview, ViewGraph } from "../../circuit/types";

/** The last section of the HTML file. */
export function aboutSection(overview: Overview, view: ViewGraph, address: string): HTMLElement {
  const { result } = overview;
  const rows: [string, string | undefined | null][] = [
    ["Circuit", `${overview.name} (${overview.id})`],
    ["Class", result ? `${overview.class}, output ${result.target.index}` : overview.class],
    ["Network", [overview.network?.name, result?.network.spec].filter(Boolean).join(", ")],
    ["Digest of the weights", result?.network.digest],
    ["Input", result && `${result.network.input_size} pixels, resized to ${result.network.resize}`],
    ["Data set", [overview.dataset?.name, result?.data.spec].filter(Boolean).join(", ")],
    ["Digest of the images", result?.data.digest],
    ["Computed", overview.computed_at && moment(overview.computed_at)],
    ["Engine", overview.engine_version],
    ["Hidden by filters", `${count(view.hiddenGroups, "group")}, ${count(view.hiddenEdges, "edge")}`],
  ];
  const parameters = Object.entries(result?.parameters ?? overview.parameters);
  const warnings = result?.report.warnings ?? [];
  return h(
    "section",
    { class: "about" },
    h("h2", {}, "Provenance"),
    h("dl", {}, ...rows.map(([name, value]) => value && row(name, value)), row("Address", address)),
    h("h3", {}, "Parameters"),
    h("dl", {}, ...parameters.map(([name, value]) => row(name, valueText(value)))),
    warnings.length > 0 && h("h3", {}, "Warnings"),
    warnings.length > 0 && h("ul", {}, ...warnings.map((warning) => h("li", {}, warning))),
  );
}

function row(name: string, value: string): HTMLElement {
  return h("div", {}, h("dt", {}, name), h("dd", {}, value));
}

function valueText(value: unknown): string {
  if (Array.isArray(value)) return value.map(valueText).join(", ");
  return typeof value === "string" ? value : JSON.stringify(value);
}
