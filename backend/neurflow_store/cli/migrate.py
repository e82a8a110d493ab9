"""Migrate the database to this version."""

from __future__ import annotations

import click

from neurflow_store.cli.errors import store_errors
from neurflow_store.installation.database import Database
from neurflow_store.installation.setting_sources import masked
from neurflow_store.installation.settings import load_settings
from neurflow_store.upkeep import migrate


@click.command("migrate")
@click.option("--check", is_flag=True, help="Only check whether a migration is needed: exit code 0 if not, 2 if so.")
@store_errors
def command(check: bool) -> None:
    """Create or update the database's tables. You can run it again, and on several machines at once."""
    database = Database(load_settings().database_url)
    try:
        if check:
            migrate.check_schema(database)
            click.echo(f"The tables are up to date ({migrate.HEAD}).")
            return
        before = migrate.current_revision(database)
        migrate.upgrade(database)
    finally:
        database.close()
    address = masked(database.url.render_as_string(hide_password=False))
    if before == migrate.HEAD:
        click.echo(f"{address}: the tables are up to date ({migrate.HEAD}).")
    else:
        click.echo(f"{address}: migrated the tables from {before or 'none'} to {migrate.HEAD}.")
