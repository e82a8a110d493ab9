import { afterEach, describe, expect, it } from "vitest";
import { settled } from "../../testing/circuit";
import { HOSTILE, labelOf, circuitNotesOf } from "../../testing/notes";
import type { CircuitNotes } from "./circuit_notes";
import { LabelHead } from "./label_head";

const GROUP = "mid/x/1";

function shown(circuitNotes: CircuitNotes): HTMLElement {
  const head = new LabelHead(circuitNotes, GROUP, new AbortController().signal);
  document.body.append(head.element);
  return head.element;
}

const button = (root: ParentNode, name: string) =>
  [...root.querySelectorAll("button")].find((found) => found.textContent?.includes(name));

function rename(root: HTMLElement, name: string): void {
  const field = root.querySelector("input");
  if (!field) throw new Error("no field");
  field.value = name;
  field.dispatchEvent(new Event("input"));
}

afterEach(() => document.body.replaceChildren());

describe("a group's label", () => {
  it("is saved with the version that the user saw", async () => {
    let sent: unknown = null;
    const circuitNotes = await circuitNotesOf([], [labelOf(GROUP, { version: 4 })], {
      "PUT /label": (body) => {
        sent = body;
        return { body: labelOf(GROUP, { version: 5, name: "noses" }) };
      },
    });
    const root = shown(circuitNotes);
    button(root, "Edit label")?.click();
    rename(root, " noses ");
    root.querySelector("form")?.requestSubmit();
    await settled();
    expect(sent).toEqual({ name: "noses", description: "", version: 4 });
    expect(root.querySelector("form")).toBeNull();
    expect(circuitNotes.names().get(GROUP)).toBe("noses");
  });

  it("cannot be changed by viewers, who can write notes", async () => {
    const circuitNotes = await circuitNotesOf();
    const root = shown(circuitNotes);
    expect(button(root, "Add label")?.hidden).toBe(false);
    circuitNotes.namer = false;
    expect(button(root, "Add label")?.hidden).toBe(true);
    expect(circuitNotes.may.comment).toBe(true);
  });

  it("shows a label that changed in the meantime, and lets the user decide", async () => {
    const theirs = labelOf(GROUP, { version: 2, name: HOSTILE, by: "Ben" });
    const sent: unknown[] = [];
    const circuitNotes = await circuitNotesOf([], [labelOf(GROUP)], {
      "PUT /label": (body) => {
        sent.push(body);
        if (sent.length > 1) return { body: labelOf(GROUP, { version: 3, name: "mine" }) };
        return { status: 409, body: { type: "stale", title: "Somebody", detail: "…", present: theirs } };
      },
    });
    const root = shown(circuitNotes);
    button(root, "Edit label")?.click();
    rename(root, "mine");
    root.querySelector("form")?.requestSubmit();
    await settled();
    expect(root.querySelector("[role=alert]")?.textContent).toContain(`Ben changed it in the meantime:${HOSTILE}`);
    expect(root.querySelector("img")).toBeNull();
    expect(root.querySelector("input")?.value).toBe("mine");
    button(root, "Overwrite with mine")?.click();
    await settled();
    expect(sent[1]).toMatchObject({ name: "mine", version: 2 });
    expect(root.querySelector("form")).toBeNull();
  });

  it("shows at once a label that arrives while the user types", async () => {
    const circuitNotes = await circuitNotesOf([], [labelOf(GROUP)]);
    const root = shown(circuitNotes);
    button(root, "Edit label")?.click();
    rename(root, "mine");
    await circuitNotes.hear("label", {
      group: GROUP,
      label: labelOf(GROUP, { version: 2, name: "theirs", by: "Ben" }),
    });
    expect(root.querySelector("[role=alert]")?.textContent).toContain("theirs");
    expect(root.querySelector("input")?.value).toBe("mine");
    button(root, "Use theirs")?.click();
    expect(root.querySelector("form")).toBeNull();
    // Built again, it does not come back with what was given up.
    expect(shown(circuitNotes).querySelector("form")).toBeNull();
  });

  it("remembers the version that the user saw in a rebuilt panel", async () => {
    const circuitNotes = await circuitNotesOf([], [labelOf(GROUP)]);
    const before = shown(circuitNotes);
    button(before, "Edit label")?.click();
    rename(before, "mine");
    before.remove();
    await circuitNotes.hear("label", { group: GROUP, label: labelOf(GROUP, { version: 2, name: "theirs" }) });
    const root = shown(circuitNotes);
    expect(root.querySelector("input")?.value).toBe("mine");
    expect(root.querySelector("[role=alert]")?.textContent).toContain("theirs");
  });

  it("has a history, and no edit button for users who cannot change it", async () => {
    const past = { version: 1, name: "ears", description: HOSTILE, by: "Ada", at: "2026-01-01T12:00:00Z" };
    const circuitNotes = await circuitNotesOf(
      [],
      [labelOf(GROUP)],
      { "GET /label/history": { body: { items: [past, { ...past, name: "" }], next: null } } },
      { comment: true, change: false },
    );
    const root = shown(circuitNotes);
    expect(button(root, "Edit label")?.hidden).toBe(true);
    const fold = root.querySelector("details");
    if (!fold) throw new Error("no history");
    fold.open = true;
    fold.dispatchEvent(new Event("toggle"));
    await settled();
    expect(fold.textContent).toContain(`ears – ${HOSTILE} · Ada`);
    expect(fold.textContent).toContain("no name");
    expect(fold.querySelector("img")).toBeNull();
  });
});
