/** Which word of which widget leads to which deed. */

import type { Commands } from "./commands";
import type { Screen } from "./screen";
import type { Session } from "./session";

export function wire(screen: Screen, session: Session, commands: Commands): void {
  const { centre, toolbar, filters, panel, inspector, summary, mergeBar } = screen;
  centre.on("select", (id) => commands.click(id));
  centre.on("open", (id) => commands.expand(id));
  centre.on("mark", (id) => commands.mark(id));
  centre.on("move", ({ node, x, y }) => session.change({ moves: { ...session.state.moves, [node]: { x, y } } }));
  inspector.on("select", (id) => commands.jump(id));
  inspector.on("expand", (id) => commands.expand(id));
  summary.on("select", (id) => commands.jump(id));
  summary.on("toggle", () => session.change({}));
  toolbar.on("action", (action) => commands.action(action));
  filters.on("change", (change) => session.change(change));
  panel.on("width", (inspector) => session.change({ inspector }));
  panel.on("tab", (panel) => session.change({ panel }));
  panel.on("full", (full) => session.change({ full: full ? "inspector" : null }));
  mergeBar.on("merge", () => commands.merge());
  mergeBar.on("cancel", () => commands.stopMarking());
}
