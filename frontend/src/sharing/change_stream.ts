/** The stream of a circuit's changes. The browser reconnects and sends the last number that it knows. */

import { at } from "../api/address";
import type { Change } from "./types";

export type ChangeKind = "ready" | "label" | "note" | "result" | "reset";

const KINDS: readonly ChangeKind[] = ["ready", "label", "note", "result", "reset"];
/** The delay before reconnecting to a server that rejected the stream. */
const AGAIN_MS = 15_000;

export interface Listener {
  hear(kind: ChangeKind, change: Change): void;
  /** The connection was lost. The stream reconnects. */
  lost(): void;
}

/** Listens until `signal` is aborted. */
export function listen(circuit: string, listener: Listener, signal: AbortSignal): void {
  if (signal.aborted) return;
  const source = new EventSource(at(`/api/v1/circuits/${encodeURIComponent(circuit)}/changes`));
  const close = () => source.close();
  signal.addEventListener("abort", close);
  for (const kind of KINDS) {
    source.addEventListener(kind, (event: MessageEvent<string>) => listener.hear(kind, read(event.data)));
  }
  source.addEventListener("error", () => {
    listener.lost();
    if (source.readyState !== EventSource.CLOSED || signal.aborted) return;
    signal.removeEventListener("abort", close);
    setTimeout(() => listen(circuit, listener, signal), AGAIN_MS);
  });
}

function read(text: string): Change {
  try {
    const found: unknown = JSON.parse(text);
    return typeof found === "object" && found !== null ? found : {};
  } catch {
    return {};
  }
}
