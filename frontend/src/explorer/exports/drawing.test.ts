import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { OVERVIEW, VIEW } from "../../../testing/circuit";
import { LIGHT, TOKENS } from "../../circuit/colours";
import type { GraphPicture } from "../graph/picture";
import { svgText } from "./draw";
import { fileName } from "./export_menu";
import { patchesOf } from "./html";
import { aboutSection } from "./html_about";
import { nodeSection } from "./html_node";
import { densityFor } from "./png";
import { graphSvg } from "./svg";
import { placed } from "./view_picture";

const AT = { x: 1, y: 2 };
const PICTURE: GraphPicture = {
  nodes: VIEW.nodes.map((node, index) => ({
    id: node.id,
    x: 100 * index,
    y: -100 * node.layer,
    width: 64,
    height: 64,
  })),
  edges: VIEW.edges.map((edge) => ({
    id: edge.id,
    points: [AT, AT, AT, AT, AT],
    width: 3,
    opacity: 0.5,
  })),
  layers: VIEW.layers.map(({ position }) => ({ position, top: -100 * position, bottom: 80 - 100 * position, y: 0 })),
  box: { x1: -50, y1: -250, x2: 450, y2: 100 },
  visible: { x1: 0, y1: -100, x2: 200, y2: 0 },
};
const MOSAIC = "data:image/jpeg;base64,AAAA";
const drawing = {
  overview: OVERVIEW,
  view: VIEW,
  picture: PICTURE,
  colours: LIGHT,
  cut: false,
  mosaics: new Map([["mid/x/2", MOSAIC]]),
};

/** Read as strictly as any other program would. */
function parsed(text: string): Document {
  const document = new DOMParser().parseFromString(text, "image/svg+xml");
  expect(document.querySelector("parsererror")).toBeNull();
  return document;
}

describe("the SVG picture", () => {
  it("has every node and edge that is seen, with its patches inside", () => {
    const picture = graphSvg(drawing);
    expect(picture.querySelectorAll("path")).toHaveLength(4);
    expect(picture.querySelector("image")?.getAttribute("href")).toBe(MOSAIC);
    expect(picture.textContent).toContain("neuron 3");
  });

  it("shows signs by colour and by dash", () => {
    const paths = [...graphSvg(drawing).querySelectorAll("path")];
    const negative = paths.filter((path) => path.getAttribute("stroke-dasharray"));
    expect(negative.map((path) => path.getAttribute("stroke"))).toEqual([LIGHT.negative]);
    expect(paths[0]?.getAttribute("d")).toBe("M 1 2 Q 1 2 1 2 Q 1 2 1 2");
  });

  it("is self-contained: only data addresses, no styles, no scripts", () => {
    const text = svgText(graphSvg(drawing));
    expect(text).not.toMatch(/(?:href|src)="(?!data:)/);
    expect(text).not.toMatch(/<style|<script|\sstyle=/);
  });

  it("keeps user input as text", () => {
    const text = svgText(graphSvg(drawing));
    expect(text).not.toContain("<u>");
    expect(text).not.toContain("<i>");
    expect(parsed(text).documentElement.textContent).toContain("Eyes <u>");
  });

  it("can be cut to the visible area, with the legend below", () => {
    const box = graphSvg({ ...drawing, cut: true })
      .getAttribute("viewBox")
      ?.split(" ")
      .map(Number);
    expect(box?.slice(0, 3)).toEqual([0, -100, 200]);
  });

  it("is drawn in the light colours of the page's styles", () => {
    const styles = readFileSync(resolve(process.cwd(), "src/base/tokens.css"), "utf8");
    for (const name of Object.keys(LIGHT) as (keyof typeof LIGHT)[]) {
      expect(styles).toContain(`${TOKENS[name]}: ${LIGHT[name]};`);
    }
  });
});

describe("the HTML file's parts", () => {
  const anchors = new Map(VIEW.nodes.map((node, index) => [node.id, `node-${index}`]));
  const seen = { overview: OVERVIEW, view: VIEW, picture: PICTURE };
  const node = VIEW.nodes[3];
  if (!node) throw new Error("the view has five nodes");

  it("lead from a node along its edges within the file", () => {
    const section = nodeSection(node, seen, [MOSAIC, null], anchors);
    expect(section.id).toBe("node-3");
    expect([...section.querySelectorAll("a")].map((link) => link.getAttribute("href"))).toEqual(["#node-0", "#node-4"]);
    expect(section.querySelectorAll("img")).toHaveLength(1);
    expect(section.querySelectorAll(".missing")).toHaveLength(1);
  });

  it("escape user input", () => {
    const text =
      nodeSection(node, seen, [], anchors).outerHTML + aboutSection(OVERVIEW, VIEW, "http://here/?q=<b>").outerHTML;
    expect(text).not.toMatch(/<(?:u|i|em|b|script)>/);
    expect(text).toContain("sha256:bb");
    expect(text).toContain("&lt;script&gt;");
  });

  it("take all exemplars of a node's groups from the sheets, and a part's own pictures", () => {
    const [merged, , part] = VIEW.nodes;
    expect(merged && patchesOf(merged, seen)).toEqual([
      { sheet: "/sheet/low", x: 0, y: 0, side: 64 },
      { sheet: "/sheet/low", x: 64, y: 0, side: 64 },
      { sheet: "/sheet/low", x: 0, y: 64, side: 64 },
      { sheet: "/sheet/low", x: 64, y: 64, side: 64 },
    ]);
    expect(part && patchesOf(part, seen)).toEqual(["/patch/1", "/patch/2"]);
    const top = VIEW.nodes[4];
    expect(top && patchesOf(top, seen)).toEqual(["/pic/fc/1"]);
  });
});

it("a picture that would be too large for a canvas is drawn less dense", () => {
  expect(densityFor(1000, 800)).toBe(2);
  expect(densityFor(30_000, 800)).toBeCloseTo(0.4);
  expect(densityFor(11_000, 11_000)).toBeLessThan(1);
});

it("file names are valid on all systems", () => {
  expect(fileName("cat-7k2m9", "svg")).toBe("cat-7k2m9.svg");
  expect(fileName("../a b:c", "png")).toBe("a-b-c.png");
});

describe("the picture of a view", () => {
  it("is whole and centred in its frame", () => {
    expect(placed(598, 1196)).toEqual({ x: 450.5, y: 16, width: 299, height: 598 });
    expect(placed(100, 100)).toEqual({ x: 500, y: 215, width: 200, height: 200 });
  });
});
