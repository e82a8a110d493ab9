/** Uploads a file and reports progress, which `fetch` cannot. */

import { Problem, problemOf } from "../api/client";

/** Reports the uploaded share in [0, 1]; 1 while the server checks the file. */
export type Sent = (share: number) => void;

/**
 * Posts a form with a file.
 *
 * @returns the server's answer.
 * @throws Problem if the request fails; a DOMException `AbortError` if `signal` is aborted.
 */
export function upload<T>(address: string, form: FormData, sent: Sent, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    request.open("POST", address);
    request.responseType = "text";
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable && event.total > 0) sent(event.loaded / event.total);
    });
    request.addEventListener("load", () => {
      const body = parsed(request.responseText);
      if (request.status >= 200 && request.status < 300) resolve(body as T);
      else reject(problemOf(answerOf(request), body));
    });
    request.addEventListener("error", () => {
      // A server that rejects a file may close the connection before the upload is complete.
      reject(
        new Problem(
          0,
          "Upload failed",
          "The server cannot be reached or rejected the file. Check your connection and the size of the file.",
        ),
      );
    });
    request.addEventListener("abort", () => reject(new DOMException("Upload cancelled", "AbortError")));
    signal.addEventListener("abort", stop);
    request.addEventListener("loadend", () => signal.removeEventListener("abort", stop));
    if (signal.aborted) reject(new DOMException("Upload cancelled", "AbortError"));
    else request.send(form);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function answerOf(request: XMLHttpRequest): Pick<Response, "status" | "headers"> {
  const id = request.getResponseHeader("X-Request-ID");
  return { status: request.status, headers: new Headers(id === null ? {} : { "X-Request-ID": id }) };
}
