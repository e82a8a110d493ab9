import { describe, expect, it, vi } from "vitest";
import { labelOf, noteOf, circuitNotesOf, threadOf } from "../../testing/notes";

describe("a circuit's labels and notes", () => {
  it("gives the label and unresolved notes of each group", async () => {
    const circuitNotes = await circuitNotesOf(
      [
        threadOf("note-1"),
        threadOf("note-2", { resolved_at: "2026-01-02T12:00:00Z" }),
        threadOf("note-3", { subject: "circuit", group: null }),
      ],
      [labelOf("mid/x/1"), labelOf("low/1", { name: "12" }), labelOf("low/2", { name: "" })],
    );
    expect([...circuitNotes.names()]).toEqual([
      ["mid/x/1", "ears"],
      ["low/1", "“12”"],
    ]);
    expect([...circuitNotes.counts()]).toEqual([["mid/x/1", 1]]);
    expect(circuitNotes.threadsOn({ kind: "circuit" }).map(({ id }) => id)).toEqual(["note-3"]);
  });

  it("takes new labels and notes from the stream, and emits their authors", async () => {
    const circuitNotes = await circuitNotesOf([threadOf("note-1")]);
    const news = vi.fn();
    circuitNotes.on("news", news);
    await circuitNotes.hear("label", { number: 1, group: "low/1", label: labelOf("low/1", { name: "noses" }) });
    await circuitNotes.hear("note", { number: 2, id: "note-2", note: noteOf("note-2", { thread: "note-1" }) });
    await circuitNotes.hear("note", { number: 2, id: "note-2", note: noteOf("note-2", { thread: "note-1" }) });
    expect(circuitNotes.names().get("low/1")).toBe("noses");
    expect(circuitNotes.threadOf("note-2")?.answers).toHaveLength(1);
    expect(news).toHaveBeenCalledTimes(2);
  });

  it("ignores older labels, and knows which notes are the user's own", async () => {
    const circuitNotes = await circuitNotesOf([threadOf("note-1", { mine: true })], [labelOf("low/1", { version: 3 })]);
    await circuitNotes.hear("label", { group: "low/1", label: labelOf("low/1", { version: 2, name: "old" }) });
    await circuitNotes.hear("note", {
      id: "note-1",
      note: noteOf("note-1", { text: "new", changed_at: "2026-01-03T12:00:00Z" }),
    });
    expect(circuitNotes.names().get("low/1")).toBe("ears");
    expect(circuitNotes.threadOf("note-1")).toMatchObject({ text: "new", mine: true });
  });

  it("emits no news of the user's own notes", async () => {
    const note = noteOf("note-9", { mine: true });
    const circuitNotes = await circuitNotesOf([], [], { "POST /notes": { status: 201, body: note } });
    const news = vi.fn();
    circuitNotes.on("news", news);
    await circuitNotes.post({ kind: "group", group: "mid/x/1" }, "text");
    await circuitNotes.hear("note", { id: "note-9", note: { ...note, mine: false } });
    expect(news).not.toHaveBeenCalled();
    expect(circuitNotes.threadOf("note-9")?.mine).toBe(true);
  });

  it("removes deleted notes, and loads unknown threads", async () => {
    const other = threadOf("note-5", { answers: [noteOf("note-6", { thread: "note-5" })] });
    const circuitNotes = await circuitNotesOf([threadOf("note-1")], [], { "GET /notes/note-5": { body: other } });
    await circuitNotes.hear("note", { id: "note-1", note: null });
    await circuitNotes.hear("note", { id: "note-6", note: noteOf("note-6", { thread: "note-5" }) });
    expect(circuitNotes.threadsOn(null).map(({ id }) => id)).toEqual(["note-5"]);
    await circuitNotes.hear("note", { id: "note-6", note: null });
    expect(circuitNotes.threadOf("note-5")?.answers).toEqual([]);
  });

  it("loads the lists again after a reset, and emits that the circuit was recomputed", async () => {
    const circuitNotes = await circuitNotesOf();
    const [labels, result] = [vi.fn(), vi.fn()];
    circuitNotes.on("labels", labels);
    circuitNotes.on("result", result);
    await circuitNotes.hear("ready", {});
    expect(labels).not.toHaveBeenCalled();
    await circuitNotes.hear("reset", {});
    await circuitNotes.hear("result", {});
    expect([labels.mock.calls.length, result.mock.calls.length]).toEqual([2, 1]);
  });
});
