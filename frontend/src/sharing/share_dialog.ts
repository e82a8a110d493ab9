/** The share dialog: saves the view, creates a link, lists the saved views, and all links for those who can change the circuit. */

import { Rights } from "../account/me";
import { narrowerIf, narrowerWords } from "../account/narrower";
import { openDialog } from "../base/dialog";
import { h } from "../base/dom";
import { attempt, optional } from "../base/load";
import { problemLine } from "../base/message";
import { Tabs } from "../base/tabs";
import { toast } from "../base/toast";
import { Widget } from "../base/widget";
import type { Overview, ViewGraph, ViewState } from "../circuit/types";
import { CircuitLinks } from "./circuit_links";
import { BY_LINK, LinkFields, madeLink } from "./link_list";
import type { View } from "./types";
import { ViewList } from "./view_list";
import { stateInWords, kept } from "./view_state";
import { changeView, keepView, makeLink, putPicture } from "./views_api";
import "./share_dialog.css";

export class ShareDialog extends Widget<{ recompute: undefined }> {
  readonly element: HTMLDialogElement;

  /** Opens at once. */
  constructor(shown: Shown, rights = new Rights()) {
    super();
    const closed = new AbortController();
    const form = new ShareForm(shown, rights);
    const list = new ViewList(shown.overview, rights, closed.signal);
    const panels = { share: h("div", {}, form.element), views: h("div", {}, list.element) };
    const links = shown.overview.may_change ? new CircuitLinks(shown.overview.id, closed.signal) : null;
    const all = links && h("div", {}, links.element);
    const tabs = new Tabs("Share", [
      { name: "share", label: "This view", panel: panels.share },
      { name: "views", label: "My views", panel: panels.views },
      ...(all ? [{ name: "links", label: "All links", panel: all }] : []),
    ]);
    tabs.on("choose", (name) => {
      tabs.show(name);
      if (name === "links") void links?.load();
    });
    tabs.show("share");
    form.on("made", () => void list.load());
    list.on("recompute", () => {
      this.element.close();
      this.emit("recompute", undefined);
    });
    const content = [tabs.element, panels.share, panels.views, ...(all ? [all] : [])];
    this.element = openDialog("Share this view", content, () => closed.abort());
    this.element.classList.add("share-dialog");
    form.element.querySelector<HTMLInputElement>("input")?.select();
  }
}

export interface Shown {
  overview: Overview;
  view: ViewGraph;
  state: ViewState;
  /** Draws the visible graph; null if the table is shown. */
  draw: (() => Promise<Blob>) | null;
}

const LONGEST_NAME = 200;
const LONGEST_ABOUT = 2000;

/** Saves the current view, and creates a link to it. */
export class ShareForm extends Widget<{ made: View }> {
  readonly element: HTMLElement;
  private readonly name = h("input", { name: "name", required: true, maxlength: LONGEST_NAME, autocomplete: "off" });
  private readonly about = h("textarea", { name: "description", rows: 2, maxlength: LONGEST_ABOUT });
  private readonly links = new LinkFields();
  private readonly withLink = h("button", { type: "submit", class: "primary" }, "Save and create link");
  private readonly without = h("button", { type: "submit", value: "keep" }, "Save view");
  private readonly result = h("div", { "aria-live": "polite" });
  private readonly frame = h("div", { class: "share-picture" }, h("span", { class: "small quiet-text" }, "Drawing…"));
  private readonly narrower = h("p", { class: "narrower small", role: "status" });
  private readonly form: HTMLFormElement;
  private readonly picture: Promise<Blob | null>;
  /** The saved view. If creating the link fails, the retry does not save it again. */
  private view: View | null = null;

  constructor(
    private readonly shown: Shown,
    rights: Rights,
  ) {
    super();
    const mayLink = rights.mayMake;
    this.links.mayShowAll = rights.mayShowAll(shown.overview);
    this.name.value = shown.overview.name;
    this.picture = this.draw();
    this.form = h(
      "form",
      { class: "share-form" },
      h("label", {}, "Name", this.name),
      h("label", {}, "Description", this.about),
      h("p", { class: "small" }, h("strong", {}, "Contents: "), stateInWords(shown.state, shown.view)),
      this.frame,
      mayLink
        ? h("div", {}, this.links.element, this.narrower)
        : h("p", { class: "small quiet-text" }, "Ask an administrator for the role of an editor to create links."),
      h("p", { class: "ways" }, mayLink && this.withLink, this.without),
    );
    this.element = h("div", {}, this.form, this.result);
    if (mayLink) void this.showNarrower(shown.overview);
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.submit(mayLink && event.submitter !== this.without);
    });
  }

  /** Says if people with a link cannot see the network or data set. */
  private async showNarrower({ id, network, dataset }: Overview): Promise<void> {
    const parts = await optional(narrowerIf(id, { visibility: "public", space: null }));
    this.narrower.textContent = narrowerWords(parts ?? [], { network, dataset }, BY_LINK);
  }

  private async draw(): Promise<Blob | null> {
    const { draw } = this.shown;
    try {
      if (!draw) throw new Error("Tables have no preview. The link is created without one.");
      const blob = await draw();
      const address = URL.createObjectURL(blob);
      const image = h("img", { src: address, alt: "Preview of this view, as shown in chats" });
      image.addEventListener("load", () => URL.revokeObjectURL(address));
      this.frame.replaceChildren(image);
      return blob;
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      this.frame.replaceChildren(h("span", { class: "small quiet-text" }, text));
      return null;
    }
  }

  private async submit(linked: boolean): Promise<void> {
    const buttons = [this.withLink, this.without];
    for (const button of buttons) button.disabled = true;
    this.result.replaceChildren();
    const save = async () => {
      const view = await this.keep();
      this.emit("made", view);
      if (linked) this.result.replaceChildren(madeLink(await makeLink(view.id, this.links.link)));
      else this.result.replaceChildren(h("p", {}, `Saved “${view.name}”. Find it under “My views”.`));
      this.form.hidden = true;
    };
    await attempt(save, { report: (problem) => this.result.replaceChildren(problemLine(problem)) });
    for (const button of buttons) button.disabled = false;
  }

  private async keep(): Promise<View> {
    const { overview, state } = this.shown;
    const name = this.name.value.trim();
    const description = this.about.value.trim();
    if (this.view) return changeView(this.view.id, { name, description });
    const view = await keepView({
      circuit: overview.id,
      name,
      description,
      version: null,
      ...kept(state),
    });
    this.view = view;
    const picture = await this.picture;
    const report = () => toast("The preview could not be saved. The link is created without one.", "bad");
    if (picture) await attempt(() => putPicture(view.id, picture), { report });
    return view;
  }
}
