import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Problem } from "../api/client";
import { upload } from "./upload";

class ExampleRequest extends EventTarget {
  static last: ExampleRequest;
  upload = new EventTarget();
  responseType = "";
  responseText = "";
  status = 0;

  constructor() {
    super();
    ExampleRequest.last = this;
  }

  open(): void {}
  send(): void {}
  getResponseHeader(): string {
    return "req-1";
  }

  abort(): void {
    this.dispatchEvent(new Event("abort"));
  }

  answer(status: number, text: string): void {
    this.status = status;
    this.responseText = text;
    this.dispatchEvent(new Event("load"));
  }
}

describe("an upload", () => {
  const life = () => new AbortController();
  beforeEach(() => vi.stubGlobal("XMLHttpRequest", ExampleRequest));
  afterEach(() => vi.unstubAllGlobals());

  it("reports the progress, and resolves with the response", async () => {
    const shares: number[] = [];
    const answer = upload("/x", new FormData(), (share) => shares.push(share), life().signal);
    ExampleRequest.last.upload.dispatchEvent(
      Object.assign(new Event("progress"), { lengthComputable: true, loaded: 1, total: 4 }),
    );
    ExampleRequest.last.answer(202, '{"id": "cat"}');
    expect(await answer).toEqual({ id: "cat" });
    expect(shares).toEqual([0.25]);
  });

  it("fails with the server's problem, or a general one if the response is not JSON", async () => {
    const refused = upload("/x", new FormData(), () => undefined, life().signal);
    ExampleRequest.last.answer(422, '{"type": "bad-upload", "title": "No", "detail": "no end"}');
    await expect(refused).rejects.toMatchObject({ status: 422, kind: "bad-upload", requestId: "req-1" });
    const strange = upload("/x", new FormData(), () => undefined, life().signal);
    ExampleRequest.last.answer(502, "<html>");
    await expect(strange).rejects.toMatchObject({ title: "Error 502 from the server" });
  });

  it("fails if the connection is lost", async () => {
    const broken = upload("/x", new FormData(), () => undefined, life().signal);
    ExampleRequest.last.dispatchEvent(new Event("error"));
    await expect(broken).rejects.toBeInstanceOf(Problem);
  });

  it("can be cancelled", async () => {
    const stop = life();
    const stopped = upload("/x", new FormData(), () => undefined, stop.signal);
    stop.abort();
    await expect(stopped).rejects.toMatchObject({ name: "AbortError" });
  });
});
