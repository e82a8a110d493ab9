/**
 * A circuit's labels and notes, kept in sync with the server.
 *
 * 1. The lists are loaded when the stream of changes is ready, or cannot be opened, so that no change is missed.
 * 2. Changes from the stream and responses to the user's own requests update the same two maps.
 * 3. The stream is the same for all users. The lists and the user's requests tell which notes are their own.
 */

import { Emitter } from "../base/widget";
import type { GroupId } from "../circuit/types";
import type { ChangeKind } from "./change_stream";
import { Drafts } from "./note_form";
import type { NotesApi } from "./notes_api";
import {
  type Change,
  type Label,
  type May,
  type Note,
  type Subject,
  subjectKey,
  subjectOf,
  type Thread,
} from "./types";

interface CircuitNotesEvents {
  /** A label changed, or the list was loaded. */
  labels: undefined;
  notes: undefined;
  /** Another user changed a label or wrote a note. */
  news: { label: Label } | { note: Note };
  /** The circuit was recomputed. */
  result: undefined;
}

export class CircuitNotes extends Emitter<CircuitNotesEvents> {
  /** The unsaved texts. */
  readonly drafts = new Drafts();
  private labels = new Map<GroupId, Label>();
  private threads = new Map<string, Thread>();
  private readonly own = new Set<string>();
  private asked: Promise<void> | null = null;
  /** Whether the lists are loaded. */
  ready = false;
  /** Whether loading the lists failed. */
  failed = false;
  private naming = true;
  /** The note that the address links to. */
  linkedNote: string | null = null;

  constructor(
    readonly api: NotesApi,
    readonly may: May,
  ) {
    super();
  }

  /** Whether the user can label groups. */
  get mayLabel(): boolean {
    return this.may.change && this.naming;
  }

  /** Whether the user's role allows labels. Viewers can only write notes. */
  set namer(may: boolean) {
    if (may === this.naming) return;
    this.naming = may;
    this.emit("labels", undefined);
  }

  /** Loads both lists. Calls at the same time share one request. */
  load(): Promise<void> {
    this.asked ??= this.read().finally(() => {
      this.asked = null;
    });
    return this.asked;
  }

  private async read(): Promise<void> {
    const [labels, threads] = await Promise.all([this.api.labels(false), this.api.threads(false)]);
    this.labels = new Map(labels.flatMap((label) => (label.group === null ? [] : [[label.group, label]])));
    this.threads = new Map(threads.map((thread) => [thread.id, thread]));
    for (const note of threads.flatMap((thread) => [thread, ...thread.answers])) if (note.mine) this.own.add(note.id);
    this.ready = true;
    this.failed = false;
    this.emit("labels", undefined);
    this.emit("notes", undefined);
  }

  /** Marks the lists as failed. Known labels and notes stay. */
  fail(): void {
    this.failed = true;
    if (!this.ready) this.emit("notes", undefined);
  }

  /** Handles a change from the stream. */
  async hear(kind: ChangeKind, change: Change): Promise<void> {
    if (kind === "label" && change.group) this.hearLabel(change.group, change.label ?? null);
    else if (kind === "note" && change.id) await this.hearNote(change.id, change.note ?? null);
    else if (kind === "result") this.emit("result", undefined);
    if (kind === "ready" ? !this.ready : kind === "reset" || kind === "result") await this.load();
  }

  private hearLabel(group: GroupId, label: Label | null): void {
    const before = this.labels.get(group);
    if (label && before && before.version >= label.version) return;
    this.takeLabel(group, label);
    if (label) this.emit("news", { label });
  }

  private async hearNote(id: string, note: Note | null): Promise<void> {
    if (!note) return this.forget(id);
    if (note.thread !== null && !this.threads.has(note.thread)) {
      this.putThread(await this.api.thread(note.thread));
    } else if (this.stands(note)) return;
    const fresh = !this.note(id) && !this.own.has(id);
    this.take(note);
    if (fresh) this.emit("news", { note });
  }

  /** Whether the note is already known in this version. */
  private stands(note: Note): boolean {
    const known = this.note(note.id);
    if (!known) return false;
    const content = ({ text, changed_at, deleted_at, resolved_at, orphaned_at }: Note) =>
      JSON.stringify([text, changed_at, deleted_at, resolved_at, orphaned_at]);
    return content(known) === content(note);
  }

  private note(id: string): Note | undefined {
    const first = this.threads.get(id);
    if (first) return first;
    for (const { answers } of this.threads.values()) {
      const found = answers.find((answer) => answer.id === id);
      if (found) return found;
    }
    return undefined;
  }

  private take(note: Note): void {
    const mine = note.mine || this.own.has(note.id);
    if (note.thread === null) this.putThread({ ...note, mine, answers: this.threads.get(note.id)?.answers ?? [] });
    else {
      const thread = this.threads.get(note.thread);
      if (!thread) return;
      const others = thread.answers.filter(({ id }) => id !== note.id);
      const answers = [...others, { ...note, mine }].sort((a, b) => a.created_at.localeCompare(b.created_at));
      this.putThread({ ...thread, answers });
    }
  }

  private putThread(thread: Thread): void {
    this.threads.set(thread.id, thread);
    this.emit("notes", undefined);
  }

  private forget(id: string): void {
    const thread = [...this.threads.values()].find(({ answers }) => answers.some((answer) => answer.id === id));
    if (thread) this.putThread({ ...thread, answers: thread.answers.filter((answer) => answer.id !== id) });
    else if (this.threads.delete(id)) this.emit("notes", undefined);
  }

  private takeLabel(group: GroupId, label: Label | null): void {
    if (label) this.labels.set(group, label);
    else this.labels.delete(group);
    this.emit("labels", undefined);
  }

  label(group: GroupId): Label | null {
    return this.labels.get(group) ?? null;
  }

  /** The names of labelled groups. Names that are numbers are quoted, as they are not the group's number. */
  names(): Map<GroupId, string> {
    const named = [...this.labels].filter(([, { name }]) => name !== "");
    return new Map(named.map(([group, { name }]) => [group, /^[\d+\s]+$/.test(name) ? `“${name}”` : name]));
  }

  /** The threads on a subject, newest first; all threads if `subject` is null. */
  threadsOn(subject: Subject | null): Thread[] {
    const key = subject && subjectKey(subject);
    const there = [...this.threads.values()].filter(({ orphaned_at }) => orphaned_at === null);
    const found = there.filter((thread) => key === null || subjectKey(subjectOf(thread)) === key);
    return found.sort((a, b) => b.created_at.localeCompare(a.created_at));
  }

  /** The thread that begins with a note, or contains it. */
  threadOf(id: string): Thread | null {
    const found = [...this.threads.values()].find(
      (thread) => thread.id === id || thread.answers.some((answer) => answer.id === id),
    );
    return found ?? null;
  }

  /** The number of unresolved threads on each group. */
  counts(): Map<GroupId, number> {
    const counts = new Map<GroupId, number>();
    for (const { group, resolved_at } of this.threadsOn(null)) {
      if (group !== null && resolved_at === null) counts.set(group, (counts.get(group) ?? 0) + 1);
    }
    return counts;
  }

  /** Updates a label with the server's version. */
  see(group: GroupId, label: Label | null): void {
    this.takeLabel(group, label);
  }

  async putLabel(group: GroupId, name: string, description: string, version: number): Promise<void> {
    this.takeLabel(group, await this.api.putLabel(group, name, description, version));
  }

  async post(subject: Subject, text: string): Promise<string> {
    return this.takeOwn(await this.api.post(subject, text));
  }

  async answer(note: string, text: string): Promise<string> {
    return this.takeOwn(await this.api.answer(note, text));
  }

  async edit(note: string, text: string): Promise<string> {
    return this.takeOwn(await this.api.edit(note, text));
  }

  async settle(note: string, resolved: boolean): Promise<void> {
    this.take(await this.api.settle(note, resolved));
  }

  async remove(note: string): Promise<void> {
    await this.api.remove(note);
    const thread = this.threads.get(note);
    // Its replies stay, so the thread is loaded again.
    if (thread?.answers.length) this.putThread(await this.api.thread(note));
    else this.forget(note);
  }

  private takeOwn(note: Note): string {
    this.own.add(note.id);
    this.take(note);
    return note.id;
  }
}
