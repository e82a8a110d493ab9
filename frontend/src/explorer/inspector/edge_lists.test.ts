import { describe, expect, it } from "vitest";
import { answersOf, contextOf, VIEW } from "../../../testing/circuit";
import type { GroupDetail } from "../../circuit/answers";
import { EdgeLists, endsOfGroup, endsOfNode } from "./edge_lists";

const group = answersOf()["/groups/mid%2Fx/1"] as GroupDetail;

describe("the four lists of edges", () => {
  it("are separated by direction and sign", () => {
    const { scene } = contextOf();
    const lists = new EdgeLists(scene, endsOfGroup(group, scene)).element;
    const heads = [...lists.querySelectorAll("h4")].map((head) => head.textContent);
    expect(heads).toEqual(["Excited by, below 1", "Inhibited by, below 1", "Excites, above 1", "Inhibits, above none"]);
  });

  it("lead to the super-group that a group is merged into", () => {
    const { scene } = contextOf(VIEW);
    expect(endsOfGroup(group, scene).into.map(({ node }) => node)).toEqual(["low/1+low/2", "low/1+low/2"]);
  });

  it("come from the view for parts and super-groups", () => {
    const { scene } = contextOf(VIEW);
    const ends = endsOfNode("mid/x/1#3.0", scene);
    expect(ends.into.map(({ edge }) => edge)).toEqual(["low/1+low/2>mid/x/1#3.0"]);
    expect(ends.outOf.map(({ node, weight }) => [node, weight])).toEqual([["fc/1", -0.2]]);
  });

  it("highlight the other end under the pointer", () => {
    const { scene } = contextOf();
    const lists = new EdgeLists(scene, endsOfGroup(group, scene));
    const lit: unknown[] = [];
    lists.on("hover", (id) => lit.push(id));
    const jump = lists.element.querySelector(".jump");
    jump?.dispatchEvent(new Event("pointerenter"));
    jump?.dispatchEvent(new Event("pointerleave"));
    expect(lit).toEqual(["low/1", null]);
  });
});
