/** Brings what is on the canvas in line with what should be, and touches only what differs. */

import type { Core, ElementDefinition } from "cytoscape";

export function sync(cy: Core, wanted: readonly ElementDefinition[]): void {
  const ids = new Set(wanted.map((one) => String(one.data.id)));
  cy.batch(() => {
    const gone = cy.elements().filter((element) => !ids.has(element.id()));
    if (gone.nonempty()) gone.remove();
    const fresh: ElementDefinition[] = [];
    for (const one of wanted) {
      const element = cy.getElementById(String(one.data.id));
      if (element.empty()) {
        fresh.push(one);
        continue;
      }
      const before = element.data() as Record<string, unknown>;
      const changed = Object.entries(one.data).filter(([name, value]) => !same(before[name], value));
      if (changed.length) element.data(Object.fromEntries(changed));
      const { position } = one;
      // A box stands where its parts do.
      if (!position || !element.isNode() || element.isParent()) continue;
      const at = element.position();
      if (at.x !== position.x || at.y !== position.y) element.position(position);
    }
    cy.add(fresh);
  });
}

function same(a: unknown, b: unknown): boolean {
  if (!Array.isArray(a) || !Array.isArray(b)) return a === b;
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
