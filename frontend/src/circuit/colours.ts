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

/** Those of `base/tokens.css` for light pages: a file has to be legible on paper, whatever the page was like. */
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

/** What each of them is called in the page's styles. */
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

/** The page's colours now; where it does not tell one, the light one. */
export function pageColours(): Colours {
  const style = getComputedStyle(document.documentElement);
  const names = Object.keys(LIGHT) as (keyof Colours)[];
  const told = names.map((name) => [name, style.getPropertyValue(TOKENS[name]).trim() || LIGHT[name]]);
  return Object.fromEntries(told) as unknown as Colours;
}
