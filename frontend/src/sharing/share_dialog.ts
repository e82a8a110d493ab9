/** Share this view: names it, makes links to it, and lists the views that there are with their links. */

import { Rights } from "../account/me";
import { openDialog } from "../base/dialog";
import { h } from "../base/dom";
import { Tabs } from "../base/tabs";
import { Widget } from "../base/widget";
import { ShareForm, type Shown } from "./share_form";
import { ViewList } from "./view_list";
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
    const tabs = new Tabs("Share", [
      { name: "share", label: "This view", panel: panels.share },
      { name: "views", label: "My views", panel: panels.views },
    ]);
    tabs.on("choose", (name) => tabs.show(name));
    tabs.show("share");
    form.on("made", () => void list.load());
    list.on("recompute", () => {
      this.element.close();
      this.emit("recompute", undefined);
    });
    const content = [tabs.element, panels.share, panels.views];
    this.element = openDialog("Share this view", content, () => closed.abort());
    this.element.classList.add("share-dialog");
    form.element.querySelector<HTMLInputElement>("input")?.select();
  }
}
