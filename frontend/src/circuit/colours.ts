/** The colours of a picture of the graph: those of the page, or always the light ones. */

export interface Colours {
  page: string;
  raised: string;
  sunken: string;
  line: string;
  lineStrong: string;
  text: string;
  quiet: string;
  positive: string;
  negative: string;
}

/** The light colours of `base/tokens.css`: files must be legible on paper in any theme. */
export const LIGHT: Colours = {
  page: "#fbfaf8",
  raised: "#ffffff",
  sunken: "#f2f0ec",
  line: "#dedad3",
  lineStrong: "#8d877c",
  text: "#23221f",
  quiet: "#645f56",
  positive: "#2166ac",
  negative: "#a34f05",
};

/** The names of the colours in the page's styles. */
export const TOKENS: Record<keyof Colours, string> = {
  page: "--page",
  raised: "--raised",
  sunken: "--sunken",
  line: "--line",
  lineStrong: "--line-strong",
  text: "--text",
  quiet: "--quiet",
  positive: "--positive",
  negative: "--negative",
};

/** The page's current colours, or the light ones if it has none. */
export function pageColours(): Colours {
  const style = getComputedStyle(document.documentElement);
  const names = Object.keys(LIGHT) as (keyof Colours)[];
  const colours = names.map((name) => [name, style.getPropertyValue(TOKENS[name]).trim() || LIGHT[name]]);
  return Object.fromEntries(colours) as unknown as Colours;
}
