/** Notes, labels and views as the tests of sharing need them, and an API that answers for them. */

import { vi } from "vitest";
import { CircuitNotes } from "../src/sharing/circuit_notes";
import { NotesApi } from "../src/sharing/notes_api";
import { ALL, type Label, type May, type Note, type Thread } from "../src/sharing/types";
import { OVERVIEW } from "./circuit";

export const HOSTILE = "<img src=x onerror=alert(1)>";

export function noteOf(id: string, change: Partial<Note> = {}): Note {
  return {
    id,
    circuit: OVERVIEW.id,
    thread: null,
    subject: "group",
    group: "mid/x/1",
    source: null,
    target: null,
    text: `text of ${id}`,
    html: `<p>text of ${id}</p>`,
    by: { id: "ada", name: `Ada ${HOSTILE}` },
    mine: false,
    address: `/circuits/${OVERVIEW.id}?note=${id}`,
    created_at: "2026-01-01T12:00:00Z",
    changed_at: null,
    deleted_at: null,
    resolved_at: null,
    resolved_by: null,
    orphaned_at: null,
    former: null,
    ...change,
  };
}

export const threadOf = (id: string, change: Partial<Thread> = {}): Thread => ({
  ...noteOf(id, change),
  answers: [],
  ...change,
});

export function labelOf(group: string, change: Partial<Label> = {}): Label {
  return {
    group,
    name: "ears",
    description: "",
    version: 1,
    by: "Ada",
    changed_at: "2026-01-01T12:00:00Z",
    orphaned_at: null,
    former: null,
    ...change,
  };
}

export type Answer = { status?: number; body?: unknown } | ((sent: unknown) => { status?: number; body?: unknown });

/** Puts an API in the place of the network: answers by `METHOD /end/of/path`. Gives what was asked. */
export function stubServer(answers: Record<string, Answer>): string[] {
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    const { pathname, search } = new URL(request.url, "http://here");
    const line = `${request.method} ${decodeURIComponent(pathname)}${search.includes("orphaned=true") ? "?orphaned" : ""}`;
    asked.push(line);
    const found = Object.entries(answers).find(([key]) => {
      const [method, end = ""] = key.split(" ");
      return line.startsWith(`${method} `) && line.endsWith(end);
    })?.[1];
    const text = await request.text();
    const given = typeof found === "function" ? found(text ? JSON.parse(text) : null) : found;
    const { status = given ? 200 : 404, body = { title: "It failed", detail: `No ${line}` } } = given ?? {};
    return new Response(status === 204 ? null : JSON.stringify(body), {
      status,
      headers: { "Content-Type": "application/json" },
    });
  });
  return asked;
}

/** CircuitNotes that have come, over a server that has these. */
export async function circuitNotesOf(
  threads: readonly Thread[] = [],
  labels: readonly Label[] = [],
  answers: Record<string, Answer> = {},
  may: May = ALL,
): Promise<CircuitNotes> {
  stubServer({
    ...answers,
    "GET /notes": { body: { items: threads, next: null } },
    "GET /labels": { body: { items: labels, next: null } },
  });
  const circuitNotes = new CircuitNotes(new NotesApi(OVERVIEW.id), may);
  await circuitNotes.load();
  return circuitNotes;
}
