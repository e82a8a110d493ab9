import { afterEach, describe, expect, it, vi } from "vitest";
import { settled } from "../../testing/circuit";
import { CARD } from "../../testing/image";
import { AnalysisList } from "./analysis_list";
import { LensApi } from "./lens_api";

const OTHER = { ...CARD, id: "other-2m9x4", name: "other.png", state: "failed", predicted: null, probability: null };

function made(items: object[], next: string | null = null) {
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    const { pathname, searchParams } = new URL(request.url, "http://here");
    asked.push(
      `${request.method} ${pathname} ${searchParams.get("circuit") ?? ""} ${searchParams.get("cursor") ?? ""}`,
    );
    if (request.method === "DELETE") return new Response(null, { status: 204 });
    const page = searchParams.has("cursor") ? { items: [OTHER], next: null } : { items, next };
    return new Response(JSON.stringify(page), { headers: { "Content-Type": "application/json" } });
  });
  const list = new AnalysisList(new LensApi("cat-7k2m9"), new AbortController().signal);
  document.body.replaceChildren(list.element);
  return { list, asked, root: list.element };
}

describe("the inspected images", () => {
  afterEach(() => vi.unstubAllGlobals());

  it("are shown with name and prediction, as text", async () => {
    const { list, root } = made([CARD, OTHER]);
    await list.refresh();
    const rows = [...root.querySelectorAll("li")].map((row) => row.textContent);
    expect(rows[0]).toContain("photo <img src=x onerror=alert(1)>.png");
    expect(rows[0]).toContain("<b>dog</b> 75 %");
    expect(rows[1]).toContain("failed");
    expect(root.querySelector("b, img[src=x]")).toBeNull();
  });

  it("are opened by a click, and deleted once that is confirmed", async () => {
    const { list, root, asked } = made([CARD]);
    const opened = vi.fn();
    list.on("open", ({ id }) => opened(id));
    await list.refresh();
    root.querySelector<HTMLElement>(".lens-kept-open")?.click();
    expect(opened).toHaveBeenCalledWith("photo-7k2m9");
    root.querySelector<HTMLElement>("[aria-label^='Delete']")?.click();
    expect(document.querySelector("dialog")?.textContent).toContain("The image is deleted, too");
    expect(asked).toHaveLength(1);
    document.querySelector<HTMLElement>("dialog .danger")?.click();
    await settled();
    expect(asked[1]).toContain("DELETE /api/v1/analyses/photo-7k2m9");
    expect(root.querySelectorAll("li")).toHaveLength(0);
    expect(root.textContent).toContain("No images yet.");
  });

  it("are loaded page by page", async () => {
    const { list, root, asked } = made([CARD], "two");
    await list.refresh();
    [...root.querySelectorAll("button")].find(({ textContent }) => textContent === "Show more")?.click();
    await settled();
    expect(asked).toEqual(["GET /api/v1/analyses cat-7k2m9 ", "GET /api/v1/analyses cat-7k2m9 two"]);
    expect(root.querySelectorAll("li")).toHaveLength(2);
  });
});
