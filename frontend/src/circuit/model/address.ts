/**
 * The state of a view as the query of an address, and back.
 *
 * `?v=1&select=layer4.1/3&expand=layer4.1/3&merge=layer3.0/1,layer3.0/2&influence=80&move=12,-30,layer3.0/4`: only what
 * differs from the defaults is written, so the default view has the shortest address. `v` is the version of this form;
 * addresses of unknown versions are not read.
 */

import type { Direction, ViewState } from "../types";
import { DEFAULTS, withinBounds } from "./state";

const VERSION = "1";

export interface ReadState {
  state: ViewState;
  /** Whether the version of the address is unknown. The state is then the default. */
  foreign: boolean;
}

export function toParams(state: ViewState): URLSearchParams {
  const params = new URLSearchParams();
  const write = (name: string, value: string | number | null, plain: string | number | null) => {
    if (value !== plain && value !== null) params.append(name, String(value));
  };
  write("select", state.select, null);
  for (const id of state.expand) params.append("expand", id);
  for (const ids of state.merge) params.append("merge", joined(ids));
  write("influence", state.influence, DEFAULTS.influence);
  write("weight", state.weight, DEFAULTS.weight);
  write("sign", state.sign, DEFAULTS.sign);
  for (const name of state.hide) params.append("hide", name);
  write("search", state.search, DEFAULTS.search);
  if (state.around) params.append("around", `${state.around.direction}:${state.around.node}`);
  for (const [id, { x, y }] of Object.entries(state.moves)) params.append("move", `${x},${y},${id}`);
  write("show", state.show, DEFAULTS.show);
  write("inspector", state.inspector, DEFAULTS.inspector);
  write("full", state.full, DEFAULTS.full);
  write("panel", state.panel, DEFAULTS.panel);
  write("analysis", state.analysis, DEFAULTS.analysis);
  write("note", state.note, DEFAULTS.note);
  return params.size ? new URLSearchParams([["v", VERSION], ...params]) : params;
}

/** The query in readable form: only characters that an address cannot contain are escaped. */
export function toQuery(state: ViewState): string {
  const text = toParams(state).toString();
  const plain: Record<string, string> = { "%2F": "/", "%3A": ":", "%2C": ",", "%40": "@" };
  return text && `?${text.replace(/%(2F|3A|2C|40)/g, (escaped) => plain[escaped] ?? escaped)}`;
}

export function fromParams(params: URLSearchParams): ReadState {
  const version = params.get("v") ?? VERSION;
  if (version !== VERSION) return { state: structuredClone(DEFAULTS) as ViewState, foreign: true };
  const state: ViewState = {
    select: params.get("select") || null,
    expand: params.getAll("expand"),
    merge: params.getAll("merge").map(split),
    influence: number(params.get("influence"), DEFAULTS.influence),
    weight: number(params.get("weight"), DEFAULTS.weight),
    sign: oneOf(params.get("sign"), ["both", "positive", "negative"]) ?? DEFAULTS.sign,
    hide: params.getAll("hide"),
    search: params.get("search") ?? "",
    around: readAround(params.get("around")),
    moves: Object.fromEntries(params.getAll("move").flatMap(readMove)),
    show: oneOf(params.get("show"), ["graph", "table"]) ?? DEFAULTS.show,
    inspector: number(params.get("inspector"), DEFAULTS.inspector),
    full: oneOf(params.get("full"), ["graph", "inspector"]),
    panel: oneOf(params.get("panel"), ["inspector", "image"]) ?? DEFAULTS.panel,
    analysis: params.get("analysis"),
    note: params.get("note"),
  };
  return { state: withinBounds(state), foreign: false };
}

/** Joins names with commas. Commas and backslashes in names get a backslash. */
const joined = (ids: readonly string[]) => ids.map((id) => id.replace(/[\\,]/g, "\\$&")).join(",");

function split(text: string): string[] {
  const names = text.match(/(?:\\.|[^\\,])+/gs) ?? [];
  return names.map((name) => name.replace(/\\(.)/gs, "$1"));
}

function readAround(text: string | null): ViewState["around"] {
  const found = /^(up|down|both):(.+)$/s.exec(text ?? "");
  return found ? { direction: found[1] as Direction, node: found[2] ?? "" } : null;
}

function readMove(text: string): [string, { x: number; y: number }][] {
  const found = /^(-?\d{1,7}),(-?\d{1,7}),(.+)$/s.exec(text);
  return found ? [[found[3] ?? "", { x: Number(found[1]), y: Number(found[2]) }]] : [];
}

function number(text: string | null, otherwise: number): number {
  return text !== null && /^-?\d{1,9}(\.\d+)?$/.test(text) ? Number(text) : otherwise;
}

function oneOf<T extends string>(text: string | null, values: readonly T[]): T | null {
  return values.find((value) => value === text) ?? null;
}
