/** The theme: light, dark, or that of the system. `static/theme.js` applies it. */

import { h } from "./dom";

export type Theme = "system" | "light" | "dark";

const KEY = "neurflow-theme";
const ORDER: readonly Theme[] = ["system", "light", "dark"];

/** What the user chose. */
export function chosenTheme(): Theme {
  const stored = localStorage.getItem(KEY);
  return ORDER.find((theme) => theme === stored) ?? "system";
}

/** Calls `listener` whenever the page turns light or dark. */
export function onThemeChange(listener: () => void, signal?: AbortSignal): void {
  const options = signal ? { signal } : undefined;
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", listener, options);
  document.addEventListener("themechange", listener, options);
}

/** The button in the page's head that switches to the next theme. */
export function themeButton(): HTMLButtonElement {
  const button = h("button", { class: "quiet", type: "button" });
  const show = () => {
    const theme = chosenTheme();
    button.textContent = { system: "◐", light: "☀", dark: "☾" }[theme];
    button.title = `Theme: ${theme}`;
    button.setAttribute("aria-label", button.title);
  };
  button.addEventListener("click", () => {
    const next = ORDER[(ORDER.indexOf(chosenTheme()) + 1) % ORDER.length] ?? "system";
    localStorage.setItem(KEY, next);
    document.dispatchEvent(new Event("themechange"));
    show();
  });
  show();
  return button;
}
