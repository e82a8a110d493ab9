import { afterEach, describe, expect, it } from "vitest";
import { at, here, root } from "./address";

afterEach(() => {
  delete document.documentElement.dataset.root;
  history.replaceState(null, "", "/");
});

describe("an address", () => {
  it("is the path itself without a proxy's path", () => {
    history.replaceState(null, "", "/networks/net-1?q=1");
    expect([root(), at("/circuits/new"), here()]).toEqual(["", "/circuits/new", "/networks/net-1"]);
  });

  it("lies below the path that the server wrote into the page", () => {
    document.documentElement.dataset.root = "/user/ann/proxy/8000";
    history.replaceState(null, "", "/user/ann/proxy/8000/networks/net-1?q=1");
    expect([at("/circuits/new"), here()]).toEqual(["/user/ann/proxy/8000/circuits/new", "/networks/net-1"]);
  });

  it("names the same page where the server is opened without its proxy", () => {
    document.documentElement.dataset.root = "/neurflow";
    history.replaceState(null, "", "/neurflows");
    expect(here()).toBe("/neurflows");
    history.replaceState(null, "", "/networks");
    expect(here()).toBe("/networks");
  });
});
