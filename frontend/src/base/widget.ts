/** The base of all widgets: one class in one file, which builds its element and emits user actions as events. */

/** Emits events. `Events` maps their names to their details. */
export abstract class Emitter<Events extends object = Record<never, never>> {
  private readonly target = new EventTarget();

  /** Calls `listener` with the detail of each `name` event, until `signal` is aborted. */
  on<K extends keyof Events & string>(name: K, listener: (detail: Events[K]) => void, signal?: AbortSignal): void {
    const heard = (event: Event) => listener((event as CustomEvent<Events[K]>).detail);
    this.target.addEventListener(name, heard, signal ? { signal } : undefined);
  }

  protected emit<K extends keyof Events & string>(name: K, detail: Events[K]): void {
    this.target.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

export abstract class Widget<Events extends object = Record<never, never>> extends Emitter<Events> {
  abstract readonly element: HTMLElement;
}
