"""A circuit with labels and notes, and links to views of it."""

from __future__ import annotations

from typing import Any

from tests.e2e.explorer import query
from tests.e2e.team import Team

_TEXT = "**Ears**, I think: see [this](https://example.org)\n\n- one\n- two\n\n`code`\n\n> quoted"


def furnish(users: Team) -> dict[str, str]:
    """Write as Ada and Ben about Ada's circuit, and make links; return addresses by what they show."""
    circuit: Any = users.house.circuit()
    api, path = users.api("ada"), f"/circuits/{circuit['id']}"
    group = next(group for group in circuit["groups"] if group["layer"] == circuit["layers"][1]["name"])
    number = str(group["id"]).rpartition("/")[2]
    label = {"name": "ears", "description": "Pointed ones, from the side", "version": 0}
    api.call("PUT", f"/api/v1{path}/groups/{group['layer']}/{number}/label", label)
    note = api.post(f"{path}/notes", {"group": group["id"], "text": _TEXT})
    users.api("ben").post(f"{path}/notes/{note['id']}/answers", {"text": "Or whiskers?"})
    api.post("/spaces", {"name": "Vision lab", "kind": "team"})
    tokens = []
    for name, state, comment in (("All of it", "?v=1", False), ("Ears", query(select=group["id"]), True)):
        view = {"circuit": circuit["id"], "name": name, "state": state, "description": "Look at the second layer."}
        links = f"/views/{api.post('/views', view)['id']}/links"
        wanted = {"may_comment": comment, "anonymous": True, "expires_at": None}
        tokens.append(api.post(links, wanted)["token"])
    gone = api.post(links, wanted)
    api.call("DELETE", f"/api/v1{links}/{gone['id']}")
    return {
        "circuit": path,
        "group": path + query(select=group["id"]),
        "shared": f"/s/{tokens[0]}",
        "discussed": f"/s/{tokens[1]}",
        "embed": f"/embed/{tokens[0]}",
        "revoked": f"/s/{gone['token']}",
    }
