import { afterEach, describe, expect, it } from "vitest";
import { settled } from "../../testing/circuit";
import { HOSTILE, noteOf, circuitNotesOf, threadOf } from "../../testing/notes";
import type { CircuitNotes } from "./circuit_notes";
import { NotesSection } from "./notes_section";
import { ALL } from "./types";

const SUBJECT = { kind: "group", group: "mid/x/1" } as const;

function shown(circuitNotes: CircuitNotes): HTMLElement {
  const section = new NotesSection(circuitNotes, SUBJECT, "group 1", new AbortController().signal);
  document.body.append(section.element);
  return section.element;
}

const button = (root: ParentNode, name: string) =>
  [...root.querySelectorAll("button")].find((found) => found.textContent === name);
const field = (root: ParentNode, label: string) =>
  root.querySelector<HTMLTextAreaElement>(`textarea[aria-label="${label}"]`);

function type(area: HTMLTextAreaElement | null, text: string): void {
  if (!area) throw new Error("no field");
  area.focus();
  area.value = text;
  area.dispatchEvent(new Event("input"));
}

afterEach(() => document.body.replaceChildren());

describe("notes on a group", () => {
  it("show who wrote what as text, never as markup", async () => {
    const html = `<p>${HOSTILE.replace("<", "&lt;")}</p><img src=x onerror=alert(1)>`;
    const root = shown(await circuitNotesOf([threadOf("note-1", { html })]));
    expect(root.querySelector("img")).toBeNull();
    expect(root.querySelector(".note strong")?.textContent).toBe(`Ada ${HOSTILE}`);
    expect(root.querySelector(".note-body")?.textContent).toBe(HOSTILE);
  });

  it("can be written, answered and resolved", async () => {
    const posted = noteOf("note-2", { mine: true, created_at: "2026-01-02T12:00:00Z" });
    const answer = noteOf("note-3", { thread: "note-2" });
    const circuitNotes = await circuitNotesOf([], [], {
      "POST /notes": (sent) => ({ status: 201, body: { ...posted, ...(sent as object) } }),
      "POST /answers": { status: 201, body: answer },
      "POST /resolve": { body: { ...posted, resolved_at: "2026-01-03T12:00:00Z", resolved_by: "Ben" } },
    });
    const root = shown(circuitNotes);
    expect(root.textContent).toContain("No notes yet.");
    type(field(root, "Write a note on group 1"), "  *see*  ");
    root.querySelector("form")?.requestSubmit();
    await settled();
    expect(circuitNotes.threadOf("note-2")).toMatchObject({ text: "*see*", group: "mid/x/1" });
    expect(field(root, "Write a note on group 1")?.value).toBe("");
    expect((document.activeElement as HTMLElement).dataset.note).toBe("note-2");
    button(root, "Reply")?.click();
    type(root.querySelector(".thread-foot textarea"), "yes");
    root.querySelector<HTMLFormElement>(".thread-foot form")?.requestSubmit();
    await settled();
    expect(root.querySelectorAll(".thread-answers li")).toHaveLength(1);
    button(root, "Resolve")?.click();
    await settled();
    expect(root.textContent).toContain("All notes are resolved.");
    button(root, "1 resolved")?.click();
    expect(root.textContent).toContain("Resolved by Ben");
  });

  it("arrive while the user types, without losing the text", async () => {
    const circuitNotes = await circuitNotesOf([threadOf("note-1")]);
    const root = shown(circuitNotes);
    button(root, "Reply")?.click();
    const area = root.querySelector<HTMLTextAreaElement>(".thread-foot textarea");
    type(area, "half a sen");
    await circuitNotes.hear("note", { id: "note-2", note: noteOf("note-2") });
    expect(document.activeElement).toBe(area);
    expect(root.querySelectorAll(".thread")).toHaveLength(1);
    area?.blur();
    await settled();
    expect(root.querySelectorAll(".thread")).toHaveLength(2);
    expect(root.querySelector<HTMLTextAreaElement>(".thread-foot textarea")?.value).toBe("half a sen");
  });

  it("keep a text that could not be saved, and one in a rebuilt panel", async () => {
    const circuitNotes = await circuitNotesOf([], [], {
      "POST /notes": { status: 422, body: { title: "No", detail: "Too long." } },
    });
    const root = shown(circuitNotes);
    type(field(root, "Write a note on group 1"), "a note");
    root.querySelector("form")?.requestSubmit();
    await settled();
    expect(root.querySelector("[role=alert]")?.textContent).toBe("Too long.");
    expect(field(shown(circuitNotes), "Write a note on group 1")?.value).toBe("a note");
  });

  it("offer a visitor no more than the link allows", async () => {
    const threads = [threadOf("note-1", { mine: true })];
    const labels = (root: HTMLElement) => [...root.querySelectorAll("button")].map((found) => found.textContent);
    const visitor = shown(await circuitNotesOf(threads, [], {}, { comment: true, change: false }));
    expect(labels(visitor)).toContain("Reply");
    expect(labels(visitor)).not.toContain("Resolve");
    const reader = shown(await circuitNotesOf(threads, [], {}, { comment: false, change: false }));
    expect(reader.querySelector("textarea")).toBeNull();
    expect(labels(reader)).not.toContain("Reply");
    expect(labels(shown(await circuitNotesOf(threads, [], {}, ALL)))).toContain("Resolve");
  });

  it("show resolved threads if the address links to one of them", async () => {
    const circuitNotes = await circuitNotesOf([threadOf("note-1", { resolved_at: "2026-01-03T12:00:00Z" })]);
    circuitNotes.linkedNote = "note-1";
    expect(shown(circuitNotes).querySelector("[data-note=note-1]")).not.toBeNull();
  });
});
