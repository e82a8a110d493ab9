/** The requests about a circuit's labels and notes. */

import { api, data, Problem, problemOf } from "../api/client";
import { placeOf } from "../circuit/scene";
import type { GroupId } from "../circuit/types";
import type { Label, LabelChange, Note, Subject, Thread } from "./types";

const NOTES_PAGE = 200;
const LABELS_PAGE = 1000;

interface Page<T> {
  items: readonly T[];
  next: string | null;
}

/** Someone else changed the label in the meantime. `present` is their label; null if they removed it. */
export class Stale extends Problem {
  constructor(readonly present: Label | null) {
    super(409, "Label changed", "The label was changed in the meantime.");
  }
}

export class NotesApi {
  constructor(readonly circuit: string) {}

  labels(orphaned: boolean): Promise<Label[]> {
    return all((cursor) => {
      const query = { limit: LABELS_PAGE, orphaned, ...(cursor ? { cursor } : {}) };
      return data(api.GET("/api/v1/circuits/{id}/labels", { params: { path: this.path, query } }));
    });
  }

  /**
   * Saves a group's label.
   *
   * @throws Stale if the label is no longer at `version`.
   */
  async putLabel(group: GroupId, name: string, description: string, version: number): Promise<Label> {
    const params = { path: { ...this.path, ...placeOf(group) } };
    const body = { name, description, version };
    const asked = api.PUT("/api/v1/circuits/{id}/groups/{layer}/{number}/label", { params, body });
    const { error, response } = await asked.catch(() => ({ error: undefined, response: null }));
    if (response?.status === 409 && hasPresent(error)) throw new Stale(error.present);
    if (response && !response.ok) throw problemOf(response, error);
    return data(asked);
  }

  history(group: GroupId): Promise<Page<LabelChange>> {
    const path = { ...this.path, ...placeOf(group) };
    return data(api.GET("/api/v1/circuits/{id}/groups/{layer}/{number}/label/history", { params: { path } }));
  }

  threads(orphaned: boolean): Promise<Thread[]> {
    return all((cursor) => {
      const query = { limit: NOTES_PAGE, orphaned, ...(cursor ? { cursor } : {}) };
      return data(api.GET("/api/v1/circuits/{id}/notes", { params: { path: this.path, query } }));
    });
  }

  /** The thread of a note or reply. */
  thread(note: string): Promise<Thread> {
    return data(api.GET("/api/v1/circuits/{id}/notes/{note}", this.of(note)));
  }

  post(subject: Subject, text: string): Promise<Note> {
    const on =
      subject.kind === "group"
        ? { group: subject.group }
        : subject.kind === "edge"
          ? { source: subject.source, target: subject.target }
          : {};
    return data(api.POST("/api/v1/circuits/{id}/notes", { params: { path: this.path }, body: { ...on, text } }));
  }

  answer(note: string, text: string): Promise<Note> {
    return data(api.POST("/api/v1/circuits/{id}/notes/{note}/answers", { ...this.of(note), body: { text } }));
  }

  edit(note: string, text: string): Promise<Note> {
    return data(api.PATCH("/api/v1/circuits/{id}/notes/{note}", { ...this.of(note), body: { text } }));
  }

  async remove(note: string): Promise<void> {
    await data(api.DELETE("/api/v1/circuits/{id}/notes/{note}", this.of(note)));
  }

  settle(note: string, resolved: boolean): Promise<Note> {
    const asked = this.of(note);
    return resolved
      ? data(api.POST("/api/v1/circuits/{id}/notes/{note}/resolve", asked))
      : data(api.POST("/api/v1/circuits/{id}/notes/{note}/reopen", asked));
  }

  private get path() {
    return { id: this.circuit };
  }

  private of(note: string) {
    return { params: { path: { ...this.path, note } } };
  }
}

function hasPresent(error: unknown): error is { present: Label | null } {
  return typeof error === "object" && error !== null && "present" in error;
}

async function all<T>(page: (cursor: string | null) => Promise<Page<T>>): Promise<T[]> {
  const found: T[] = [];
  let next: string | null = null;
  do {
    const { items, next: more }: Page<T> = await page(next);
    found.push(...items);
    next = more;
  } while (next !== null);
  return found;
}
