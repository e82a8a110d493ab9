"""Bring the database's tables to this version."""

from __future__ import annotations

import click

from neurflow_store.cli.errors import store_errors
from neurflow_store.installation.database import Database
from neurflow_store.installation.setting_sources import masked
from neurflow_store.installation.settings import load_settings
from neurflow_store.upkeep import migrate


@click.command("migrate")
@click.option("--check", is_flag=True, help="Only say whether it is needed: exit code 0 if not, 2 if so.")
@store_errors
def command(check: bool) -> None:
    """Bring the database's tables to this version, or make them. Safe to run again, and by several at once."""
    database = Database(load_settings().database_url)
    try:
        if check:
            migrate.check_schema(database)
            click.echo(f"The tables are those of this version ({migrate.HEAD}).")
            return
        before = migrate.current_revision(database)
        migrate.upgrade(database)
    finally:
        database.close()
    address = masked(database.url.render_as_string(hide_password=False))
    if before == migrate.HEAD:
        click.echo(f"{address}: nothing to do, the tables are those of this version ({migrate.HEAD}).")
    else:
        click.echo(f"{address}: the tables went from {before or 'none'} to {migrate.HEAD}.")
