/** The panel at the side, or at the foot of narrow screens. It can be resized, hidden and maximised. */

import { h } from "../base/dom";
import { Tabs } from "../base/tabs";
import { Widget } from "../base/widget";
import { DEFAULTS, INSPECTOR } from "../circuit/model/state";
import type { ViewState } from "../circuit/types";
import "./inspector_panel.css";

const STEP = 24;

interface PanelEvents {
  width: number;
  full: boolean;
  tab: ViewState["panel"];
}

export class InspectorPanel extends Widget<PanelEvents> {
  /** The place for the inspector. */
  readonly body = body("Inspector");
  /** The place for the image lens. */
  readonly image = body("Image");
  readonly element = h("aside", { class: "ex-panel", id: "ex-inspector", "aria-label": "Inspector panel" });
  readonly handle = h("div", {
    class: "ex-handle",
    role: "separator",
    tabindex: 0,
    "aria-orientation": "vertical",
    "aria-label": "Width of the inspector",
    "aria-controls": "ex-inspector",
    "aria-valuemin": INSPECTOR.least,
    "aria-valuemax": INSPECTOR.most,
  });
  private readonly fill = h("button", { type: "button", class: "quiet", "aria-pressed": "false" }, "⤢");
  private readonly tabs: Tabs;
  private width: number = DEFAULTS.inspector;
  private asked = false;

  constructor() {
    super();
    const close = h("button", { type: "button", class: "quiet", title: "Hide the inspector (key i)" }, "✕");
    close.setAttribute("aria-label", "Hide the inspector");
    close.addEventListener("click", () => this.emit("width", 0));
    this.fill.addEventListener("click", () => this.emit("full", this.fill.getAttribute("aria-pressed") !== "true"));
    const panels = { inspector: page(this.body), image: page(this.image) };
    this.tabs = new Tabs("Panel", [
      { name: "inspector", label: "Inspector", panel: panels.inspector },
      { name: "image", label: "Image", panel: panels.image },
    ]);
    this.tabs.on("choose", (name) => this.emit("tab", name === "image" ? "image" : "inspector"));
    const tools = h("div", { class: "ex-panel-tools" }, this.tabs.element, this.fill, close);
    this.element.append(tools, panels.inspector, panels.image);
    this.handle.addEventListener("pointerdown", (event) => this.drag(event));
    this.handle.addEventListener("keydown", (event) => this.key(event));
  }

  show(state: ViewState): void {
    const hidden = state.inspector === 0 && state.full !== "inspector";
    this.element.hidden = hidden || state.full === "graph";
    if (this.element.hidden) this.asked = false;
    this.handle.hidden = this.element.hidden || state.full === "inspector";
    if (state.inspector > 0) this.width = state.inspector;
    this.element.style.setProperty("--width", `${this.width}px`);
    this.tabs.show(state.panel);
    this.element.classList.toggle("chosen", state.select !== null || state.panel === "image" || this.asked);
    this.handle.setAttribute("aria-valuenow", String(this.width));
    const full = state.full === "inspector";
    const text = full ? "Dock the inspector" : "Full-page inspector";
    this.fill.setAttribute("aria-pressed", String(full));
    this.fill.setAttribute("aria-label", text);
    this.fill.title = text;
    this.fill.textContent = full ? "⤡" : "⤢";
  }

  /** On narrow pages the panel is hidden while nothing is selected. Shows it, and returns whether it was hidden. */
  bring(): boolean {
    if (this.element.hidden || getComputedStyle(this.element).display !== "none") return false;
    this.asked = true;
    this.element.classList.add("chosen");
    return true;
  }

  private drag(down: PointerEvent): void {
    down.preventDefault();
    this.handle.setPointerCapture(down.pointerId);
    const from = this.element.getBoundingClientRect().width;
    const ended = new AbortController();
    const { signal } = ended;
    this.handle.addEventListener("pointermove", (move) => this.resize(from + down.clientX - move.clientX), { signal });
    for (const end of ["pointerup", "pointercancel"] as const)
      this.handle.addEventListener(end, () => ended.abort(), { signal });
  }

  private key(event: KeyboardEvent): void {
    const to = {
      ArrowLeft: this.width + STEP,
      ArrowRight: this.width - STEP,
      Home: INSPECTOR.least,
      End: INSPECTOR.most,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.resize(to);
  }

  private resize(width: number): void {
    const most = Math.max(INSPECTOR.least, window.innerWidth * 0.7);
    this.emit("width", Math.round(Math.min(most, INSPECTOR.most, Math.max(INSPECTOR.least, width))));
  }
}

function body(name: string): HTMLElement {
  return h("div", { class: "ex-panel-body", tabindex: 0, role: "region", "aria-label": name });
}

/** The panel of a tab, with its scrolling content. */
function page(content: HTMLElement): HTMLElement {
  return h("div", { class: "ex-panel-page" }, content);
}
