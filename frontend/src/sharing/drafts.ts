/** What a person is typing, by what it is about: a panel that is built anew finds it again. */

export class Drafts {
  private readonly texts = new Map<string, string>();

  /** Fills a field with what was typed before, and keeps what is typed from now on. */
  keep(field: HTMLTextAreaElement | HTMLInputElement, about: string): void {
    const before = this.texts.get(about);
    if (before !== undefined) field.value = before;
    field.addEventListener("input", () => this.texts.set(about, field.value));
  }

  put(about: string, text: string): void {
    this.texts.set(about, text);
  }

  get(about: string): string | null {
    return this.texts.get(about) ?? null;
  }

  has(about: string): boolean {
    return this.texts.has(about);
  }

  /** It was sent, or given up. */
  drop(about: string): void {
    this.texts.delete(about);
  }
}
