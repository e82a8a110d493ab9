#!/usr/bin/env bash
# A Cytoscape.js selector that compares with a number also selects elements whose value is null, because JavaScript compares
# null as 0. `[weight]` means "is defined", which null is, so it does not exclude them either, although the library's warning
# about a missing number recommends exactly that selector.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --prefix . cytoscape@3.34.4
cat > check.mjs <<'EOF'
import cytoscape from "cytoscape";

const weights = { strong: 0.8, inhibiting: -0.4, unmeasured: null };
const elements = Object.entries(weights).map(([id, weight]) => ({ data: { id, weight } }));
elements.push({ data: { id: "undefined" } });
const graph = cytoscape({ headless: true, elements });
const seen = ["[weight <= 0]", "[weight > -0.1]", "[weight < 0.5]", "[weight]", "[weight][!weight]"].map(
  (selector) => `${selector}: ${graph.$(selector).map((element) => element.id())}`,
);
const unchanged = [
  "[weight <= 0]: inhibiting,unmeasured",
  "[weight > -0.1]: strong,unmeasured",
  "[weight < 0.5]: inhibiting,unmeasured",
  "[weight]: strong,inhibiting,unmeasured",
  "[weight][!weight]: unmeasured",
];
console.log(`cytoscape ${cytoscape.version}`);
console.log("expected: no comparison selects 'unmeasured', whose weight is null, as none selects 'undefined'");
console.log(`seen:     ${seen.join("; ")}`);
graph.destroy();
process.exit(JSON.stringify(seen) === JSON.stringify(unchanged) ? 0 : 1);
EOF
node check.mjs
