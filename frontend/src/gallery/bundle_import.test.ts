import { describe, expect, it } from "vitest";
import { exampleCard } from "../../testing/circuit_cards";
import { settled } from "../../testing/server";
import { Problem } from "../api/client";
import { BundleImport } from "./bundle_import";
import type { CardData } from "./circuit_card";

const file = new File(["zip"], "cats.zip");

describe("the import of a circuit", () => {
  it("shows the progress, then emits the result", async () => {
    let finish: (card: CardData) => void = () => undefined;
    const widget = new BundleImport((address, form, sent) => {
      expect(address).toBe("/api/v1/uploads/circuits");
      expect((form.get("file") as File).name).toBe("cats.zip");
      sent(0.5);
      return new Promise((resolve) => {
        finish = resolve;
      });
    });
    const heard: CardData[] = [];
    widget.on("imported", (card) => heard.push(card));
    const taking = widget.take(file);
    expect(widget.element.textContent).toContain("Uploading cats.zip: 50 %");
    finish(exampleCard());
    await taking;
    expect(heard).toHaveLength(1);
    expect(widget.element.hidden).toBe(true);
  });

  it("says why a file is rejected", async () => {
    const widget = new BundleImport(() => Promise.reject(new Problem(422, "The upload is refused", "no circuit.json")));
    await widget.take(file);
    expect(widget.element.textContent).toContain("cats.zip was rejected: no circuit.json");
    expect(widget.element.classList.contains("bad")).toBe(true);
  });

  it("can be cancelled", async () => {
    const widget = new BundleImport(
      (_address, _form, _sent, signal) =>
        new Promise((_resolve, reject) =>
          signal.addEventListener("abort", () => reject(new DOMException("", "AbortError"))),
        ),
    );
    const taking = widget.take(file);
    [...widget.element.querySelectorAll("button")].find(({ textContent }) => textContent === "Cancel")?.click();
    await taking;
    await settled();
    expect(widget.element.hidden).toBe(true);
  });
});
