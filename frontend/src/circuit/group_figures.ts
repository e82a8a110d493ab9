/** The figures of a group, listed once for the table, the hover card, the inspector and the exports. */

import { count, signed, signedPercent } from "../base/format";
import type { Meaning } from "../base/term";
import type { Group } from "./types";

export interface GroupFigure extends Meaning {
  label: string;
  /** The unit of the displayed value; empty if it has none. */
  unit: string;
  format: (value: number) => string;
  /** The meaning of a value, in a few words. */
  says: (value: number) => string;
}

/** By their names in the API, which `neurflow/terms/group_figures.py` defines. */
export const GROUP_FIGURES = {
  silhouette: {
    label: "Silhouette",
    unit: "",
    format: (value) => signed(value).replace("+", ""),
    says: separation,
    meaning: "How well the group is separated from the other groups of its layer, from −1 to 1. Higher is better.",
    anchor: "silhouette",
  },
  contribution: {
    label: "Contribution",
    unit: "%",
    format: signedPercent,
    says: (value) => (value < 0 ? "speaks against the class" : "of the class’s score"),
    meaning:
      "The signed share of the class’s score that flows through the group. Positive groups support the class, negative " +
      "ones speak against it.",
    anchor: "contribution",
  },
  logit_drop: {
    label: "Logit drop",
    unit: "",
    format: signed,
    says: (value) => (value < 0 ? "the logit rises without it" : "the logit falls without it"),
    meaning:
      "The class’s logit minus its logit with the group knocked out, averaged over the held-out images. Positive: the " +
      "network needs the group for the class.",
    anchor: "logit-drop",
  },
  held_out: {
    label: "Held-out images",
    unit: "images",
    format: (value) => count(value, "image"),
    says: () => "used to measure the logit drop",
    meaning: "Images of the class that the circuit was not traced with. The logit drop is measured on them.",
    anchor: "held-out-images",
  },
} as const satisfies Record<string, GroupFigure>;

export type FigureName = keyof typeof GROUP_FIGURES;
export type Figures = Pick<Group, FigureName>;

/** The figures with their own entry, in the order of the pages; `held_out` is shown with the logit drop. */
export const LISTED = ["contribution", "logit_drop", "silhouette"] as const satisfies readonly FigureName[];

export type ListedFigure = (typeof LISTED)[number];

/** A value as text; a dash if it was not measured. */
export function figureText(name: FigureName, value: number | null): string {
  return value === null ? "–" : GROUP_FIGURES[name].format(value);
}

function separation(silhouette: number): string {
  if (silhouette >= 0.5) return "well separated from other groups";
  if (silhouette >= 0.25) return "fairly well separated from other groups";
  return silhouette >= 0 ? "overlaps with other groups" : "closer to another group";
}
