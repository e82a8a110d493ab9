"""Show or change who can see a circuit, network or data set."""

from __future__ import annotations

from typing import Any, Final

import click

from neurflow_store.cli.errors import store_errors

_KINDS: Final = ("circuit", "network", "dataset")
_VISIBILITIES: Final = ("private", "team", "public")
_NO_SPACE: Final = "none"
_WORDS: Final = {"network": "network", "dataset": "data set"}


@click.command("visibility")
@click.argument("kind", type=click.Choice(_KINDS))
@click.argument("id")
@click.argument("visibility", type=click.Choice(_VISIBILITIES), required=False)
@click.option("--space", help="Move it into the space with this id; `none` takes it out of its space.")
@click.option("--owner", help="Give it to the user with this login, e-mail address or id.")
@store_errors
def command(kind: str, id: str, visibility: str | None, space: str | None, owner: str | None) -> None:
    """Show who can see a circuit, network or data set, or change it. Works without a running server."""
    from neurflow_store.installation.database import Database
    from neurflow_store.installation.settings import load_settings
    from neurflow_store.reach import circuits_beyond, of_circuit
    from neurflow_store.repositories.requests import locked
    from neurflow_store.tables import Circuit, Dataset, Network, Visibility
    from neurflow_store.upkeep.migrate import check_schema
    from neurflow_store.users import activity, spaces, users

    table: Any = {"circuit": Circuit, "network": Network, "dataset": Dataset}[kind]
    database = Database(load_settings().database_url)
    try:
        check_schema(database)
        with database.writing() as session:
            row = locked(session, table, id)
            if owner is not None:
                row.owner_id = users.named(session, owner).id
            chosen = None if visibility is None else Visibility(visibility)
            moved = {} if space is None else {"space_id": None if space == _NO_SPACE else space}
            if chosen or moved or owner is not None:
                spaces.share(session, None, table, id, chosen, **moved)
                detail = {"visibility": row.visibility, "by": "command line"}
                activity.note(session, f"{kind}.share", subject=(kind, id), **detail)
            click.echo(f"{id}: {row.visibility}, in {row.space_id or 'no space'}, owned by {row.owner_id or 'nobody'}.")
            if table is Circuit:
                for part in of_circuit(session, id):
                    click.echo(f"Some users who can see it cannot see its {_WORDS[part]}.")
            elif count := circuits_beyond(session, table, row):
                click.echo(f"Circuits that some users can see who cannot see this: {count}.")
    finally:
        database.close()
