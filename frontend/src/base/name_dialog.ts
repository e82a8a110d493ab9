/** Asks for a new name. */

import { openDialog } from "./dialog";
import { h } from "./dom";

/** The new name that the user enters; null if they keep `present`. */
export function askName(title: string, present: string): Promise<string | null> {
  return new Promise((resolve) => {
    let answer: string | null = null;
    const field = h("input", { name: "name", value: present, required: true, maxlength: 200, autocomplete: "off" });
    const cancel = h("button", { type: "button" }, "Cancel");
    const save = h("button", { type: "submit", class: "primary" }, "Save");
    const form = h(
      "form",
      { class: "name-form" },
      h("label", {}, h("span", { class: "visually-hidden" }, "Name"), field),
      h("p", { class: "ways" }, save, cancel),
    );
    field.style.width = "100%";
    const dialog = openDialog(title, [form], () => resolve(answer));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const name = field.value.trim();
      if (name && name !== present) answer = name;
      dialog.close();
    });
    cancel.addEventListener("click", () => dialog.close());
    field.select();
  });
}
