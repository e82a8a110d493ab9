/** Connects the image lens with the explorer's state, address and graph. */

import { isAtLeast, whoAmI } from "../account/me";
import type { Problem } from "../api/client";
import { Drops } from "../base/drops";
import { attempt, script } from "../base/load";
import { message, problemMessage } from "../base/message";
import { readPart } from "../circuit/model/ids";
import { DEFAULTS } from "../circuit/model/state";
import type { EdgeId, GroupId, NodeId } from "../circuit/types";
import type { ImageLens } from "../lens/image_lens";
import type { Commands } from "./commands";
import { UNKNOWN_ANALYSIS } from "./result_messages";
import type { Screen } from "./screen";
import type { Session } from "./session";

export class LensSide {
  /** The lens; null until its script is loaded. */
  private lens: ImageLens | null = null;
  private loading: Promise<ImageLens> | null = null;
  private readonly waiting = message("Circuit not ready", "You can inspect images when the circuit is computed.");
  private readonly without = message("No image", "This view was shared without an image.");
  private readonly drops: Drops;
  /** Whether the user can inspect their own images. */
  private mayInspect = true;

  /** `render` updates what is not part of the state. */
  constructor(
    private readonly session: Session,
    private readonly commands: Commands,
    private readonly screen: Screen,
    private readonly render: () => void,
    signal: AbortSignal,
    /** Whether only the shared image can be shown. */
    private readonly readOnly = false,
  ) {
    this.drops = new Drops(() => this.ready && this.mayInspect, signal);
    if (readOnly) this.mayInspect = false;
    else void this.readRights();
    this.drops.on("file", (file) => void this.take(file));
    document.body.append(this.drops.element);
    screen.centre.on("hover", (id) => this.lens?.hovered(this.groupsOf(id)));
  }

  /** Shows the state, and loads the lens when it is needed. */
  show(): void {
    const { state, circuit } = this.session;
    const wanted = state.panel === "image" || state.analysis !== null;
    if (!this.ready) this.put(this.waiting);
    else if (this.readOnly && state.analysis === null) this.put(this.without);
    else if (this.lens) {
      this.put(this.lens.element);
      this.lens.show(circuit.overview, state.analysis, this.groupsOf(state.select));
      if (state.panel !== "image") this.lens.away();
    } else if (wanted && !this.loading) void this.load();
  }

  /** Reads whether the user can inspect images, which needs the role of an editor. */
  private async readRights(): Promise<void> {
    this.mayInspect = isAtLeast(await whoAmI(), "editor");
  }

  /** Inspects a file that was dropped or pasted. */
  private async take(file: File): Promise<void> {
    this.openPanel();
    (await this.load())?.take(file);
  }

  private get ready(): boolean {
    return this.session.circuit.overview.computed_at !== null;
  }

  private openPanel(): void {
    const { state } = this.session;
    const full = state.full === "graph" ? null : state.full;
    this.session.change({ panel: "image", inspector: state.inspector || DEFAULTS.inspector, full });
  }

  private async load(): Promise<ImageLens | null> {
    this.loading ??= script(this.made());
    const { loading } = this;
    let lens: ImageLens | null = null;
    const report = (problem: Problem) => {
      const again = () => {
        this.loading = null;
        void this.load();
      };
      this.put(problemMessage(problem, again));
    };
    await attempt(async () => (lens = await loading), { report });
    return lens;
  }

  private async made(): Promise<ImageLens> {
    const [{ ImageLens }] = await Promise.all([import("../lens/image_lens"), this.readOnly || this.readRights()]);
    this.lens = new ImageLens(this.session.circuit.overview, this.mayInspect);
    this.wire(this.lens);
    this.render();
    return this.lens;
  }

  private put(element: HTMLElement): void {
    const { image } = this.screen.panel;
    if (image.firstChild !== element) image.replaceChildren(element);
  }

  private wire(lens: ImageLens): void {
    const { session, screen } = this;
    lens.on("open", (analysis) => {
      if (analysis !== null) this.openPanel();
      session.change({ analysis });
    });
    lens.on("unknown", () => {
      session.letGoOf("analysis");
      screen.notices.say("analysis", UNKNOWN_ANALYSIS);
      this.render();
    });
    lens.on("change", () => {
      session.image = lens.finished;
      screen.inGroup = lens.finished && {
        key: `${lens.finished.id} ${lens.finished.computed_at}`,
        of: (group, context) => lens.groupInImage(group, context),
      };
      this.render();
    });
    lens.on("select", (group) => this.commands.jump(this.nodeOf(group)));
    lens.on("inspect", (group) => session.change({ select: this.nodeOf(group), panel: "inspector" }));
    lens.on("hover", (group) => screen.centre.hover(group === null ? null : this.nodeOf(group)));
    lens.on("touch", (groups) => screen.centre.touch(groups && new Set([...groups].map((id) => this.nodeOf(id)))));
  }

  /** The groups of a node; none for an edge. */
  private groupsOf(id: NodeId | EdgeId | null): readonly GroupId[] {
    if (id === null) return [];
    const node = this.session.view.nodes.find((each) => each.id === id);
    return node?.members ?? [readPart(id)?.group ?? id];
  }

  /** The node in which a group is visible now. */
  private nodeOf(group: GroupId): NodeId {
    const { nodes } = this.session.view;
    const holder = nodes.find((node) => node.kind === "super" && node.members.includes(group));
    return holder?.id ?? group;
  }
}
