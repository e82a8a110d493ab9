#!/usr/bin/env bash
# In GraphML, a node or edge without a `data` element has the default of its key. networkx reads the default, stores it as an
# attribute of the graph, and leaves it out of the nodes and edges. Every algorithm then uses its own default instead.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check networkx==3.6.1
venv/bin/python - <<'EOF'
import sys

import networkx

graph = networkx.parse_graphml("""<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
  <key id="weight" for="edge" attr.name="weight" attr.type="double"><default>10</default></key>
  <graph id="circuit" edgedefault="directed">
    <node id="conv1"/><node id="conv2"/><node id="conv3"/>
    <edge source="conv1" target="conv2"/>
    <edge source="conv2" target="conv3"/>
    <edge source="conv1" target="conv3"><data key="weight">15</data></edge>
  </graph>
</graphml>""")
path = networkx.shortest_path(graph, "conv1", "conv3", weight="weight")
seen = graph.edges["conv1", "conv2"], graph.graph["edge_default"], path
print(f"networkx {networkx.__version__}")
print("expected: the edge conv1 → conv2 has the weight 10, and the shortest path is the direct one of length 15")
print("seen:     the edge's attributes are {}, the graph's are {}, the shortest path is {}".format(*seen))
sys.exit(seen != ({}, {"weight": 10.0}, ["conv1", "conv2", "conv3"]))
EOF
