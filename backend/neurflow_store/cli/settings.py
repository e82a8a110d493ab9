"""List all settings: value, origin and description."""

from __future__ import annotations

import json
import textwrap

import click

from neurflow_store.cli.errors import store_errors
from neurflow_store.installation.setting_sources import PREFIX, settings_file, unknown_variables
from neurflow_store.installation.settings import SettingLine, Settings, explain, load_settings

_WIDTH = 100


@click.command("settings")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object: name to value, origin and description.")
@store_errors
def command(as_json: bool) -> None:
    """List all settings with value, origin and description. Passwords are masked."""
    settings = load_settings()
    lines = explain(settings)
    if as_json:
        values = {line.name: {"value": line.value, "origin": line.origin, "does": line.does} for line in lines}
        click.echo(json.dumps(values, indent=2, ensure_ascii=False))
    else:
        click.echo(f"Set {PREFIX}NAME in the environment, or name in {settings_file(settings.home)}.\n")
        click.echo("\n".join(map(_shown, lines)))
    for name in unknown_variables(Settings):
        click.echo(f"warning: the environment variable {name} is not a setting", err=True)


def _shown(line: SettingLine) -> str:
    value = line.value if isinstance(line.value, str) else json.dumps(line.value, ensure_ascii=False)
    does = textwrap.fill(line.does, _WIDTH, initial_indent="    ", subsequent_indent="    ")
    return f"{line.name} = {value or '(empty)'}\n    from: {line.origin}\n{does}\n"
