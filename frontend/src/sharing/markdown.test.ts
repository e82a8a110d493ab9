import { describe, expect, it } from "vitest";
import { h } from "../base/dom";
import { rendered } from "./markdown";

const shown = (html: string) => h("div", {}, ...rendered(html));

describe("a note's HTML", () => {
  it("becomes the elements that are allowed", () => {
    const box = shown('<h1>A</h1><p>b <em>c</em> <code>d</code></p><ol start="3"><li>e</li></ol><hr>');
    expect(box.outerHTML).toBe(
      '<div><h5>A</h5><p>b <em>c</em> <code>d</code></p><ol start="3"><li>e</li></ol><hr></div>',
    );
  });

  it("keeps links to the web and to this site, and no others", () => {
    const links = [
      "https://a.example/",
      "/circuits/cat",
      "javascript:alert(1)",
      "//evil.example",
      "/\\evil",
      "data:text/html,x",
    ];
    const box = shown(links.map((to) => `<a href="${to}" onclick="alert(1)">x</a>`).join(""));
    expect([...box.querySelectorAll("a")].map((link) => link.getAttribute("href"))).toEqual(links.slice(0, 2));
    expect(box.textContent).toBe("xxxxxx");
    expect(box.outerHTML).not.toContain("onclick");
    expect(box.querySelector("a")?.rel).toBe("noopener noreferrer nofollow");
  });

  it("leaves out what could run, load or look like the page", () => {
    const hostile = [
      "<script>alert(1)</script>",
      "<img src=x onerror=alert(1)>",
      "<svg onload=alert(1)><a>y</a></svg>",
      "<object data=/></object>",
      '<p style="position:fixed" class="toast" id="main">kept</p>',
      "<form><input name=password></form>",
      "<style>*{display:none}</style>",
      "<math><mtext><img src=x onerror=alert(1)></mtext></math>",
    ].join("");
    expect(shown(hostile).outerHTML).toBe("<div><p>kept</p></div>");
  });

  it("stops at a maximum depth", () => {
    const deep = `${"<blockquote>".repeat(500)}x${"</blockquote>".repeat(500)}`;
    const box = shown(deep);
    expect(box.textContent).toBe("x");
    expect(box.querySelectorAll("blockquote").length).toBeLessThan(50);
  });
});
