import { describe, expect, it, vi } from "vitest";
import { exampleJob } from "../../testing/circuit_cards";
import { type Asked, Status, serve, settled } from "../../testing/server";
import { JobLine } from "./job_line";

function line() {
  const made = new JobLine("trace", "cat");
  document.body.replaceChildren(made.element);
  const button = made.element.querySelector("button") as HTMLButtonElement;
  return { made, button, bar: made.element.querySelector("progress") as HTMLProgressElement };
}

describe("a job's line", () => {
  it("shows no share while the job is queued", () => {
    const { made, bar } = line();
    made.show(exampleJob({ state: "queued", stage: null }));
    expect(made.element.textContent).toContain("Queued");
    expect(bar.hasAttribute("value")).toBe(false);
  });

  it("cancels its job, and says so", async () => {
    const asked: Asked[] = serve({
      "POST /api/v1/jobs/job-cat-7k2m9/cancel": () => exampleJob({ cancel_requested: true }),
    });
    const { made, button } = line();
    made.show(exampleJob());
    button.click();
    await settled();
    expect(asked).toHaveLength(1);
    expect(made.element.textContent).toContain("Cancelling…");
    expect(button.disabled).toBe(true);
    vi.unstubAllGlobals();
  });

  it("can be cancelled again if the request failed", async () => {
    serve({ "POST /api/v1/jobs/job-cat-7k2m9/cancel": () => new Status(409, { title: "No", detail: "it has ended" }) });
    const { made, button } = line();
    made.show(exampleJob());
    button.click();
    await settled();
    expect(button.disabled).toBe(false);
    expect(document.querySelector(".toast")?.textContent).toBe("it has ended");
    vi.unstubAllGlobals();
  });
});
