"""Manage users: add, list, reset passwords, change roles, disable, revoke API tokens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from neurflow_store.cli.errors import store_errors
from neurflow_store.tables import Role, User

_MOST_TOKENS = 100
_PROMPT = "Password (leave empty to generate one)"


@click.group("users", context_settings={"max_content_width": 100})
def command() -> None:
    """Manage the users of this installation. NAME is a user's login, e-mail address or id."""


@command.command("add")
@click.argument("name")
@click.option("--role", type=click.Choice([role.value for role in Role]), default="viewer", show_default=True)
@click.option("--email", help="E-mail address; the user can also sign in with it.")
@click.option("--shown-as", help="Display name. Default: NAME.")
@click.option("--generate", is_flag=True, help="Generate a password and print it.")
@store_errors
def add(name: str, role: str, email: str | None, shown_as: str | None, generate: bool) -> None:
    """Add a user."""
    from neurflow_server.auth import passwords
    from neurflow_store.users import activity, users

    chosen, made = _password(generate)
    with _writing() as session:
        user = users.add_user(
            session,
            name=shown_as or name,
            login=name,
            email=email,
            role=Role(role),
            password_hash=passwords.hashed(chosen, name, email or ""),
        )
        activity.note(session, "user.create", subject=("user", user.id), role=role, by="command line")
    click.echo(f"Added {user.login} ({user.id}) as {role}.")
    _print_password(made)


@command.command("list")
@store_errors
def list_users() -> None:
    """List all users."""
    with _writing() as session:
        found = session.scalars(select(User).order_by(User.created_at, User.id)).all()
    for user in found:
        seen = "never" if user.last_seen_at is None else f"{user.last_seen_at:%Y-%m-%d}"
        state = "disabled" if user.disabled_at is not None else f"seen {seen}"
        click.echo(f"{user.login or user.email or user.id}\t{user.role}\t{state}\t{user.id}")


@command.command("reset")
@click.argument("name")
@click.option("--generate", is_flag=True, help="Generate a password and print it.")
@store_errors
def reset(name: str, generate: bool) -> None:
    """Set a new password for a user, end their sessions and revoke their API tokens."""
    from neurflow_server.auth import passwords
    from neurflow_store.users import activity, credentials, users

    with _writing() as session:
        _named(session, name)
    chosen, made = _password(generate)
    with _writing() as session:
        known = _named(session, name)
        made_hash = passwords.hashed(chosen, known.login or "", known.email or "", known.name)
        user = users.set_password(session, known.id, made_hash)
        credentials.revoke_tokens(session, user.id)
        activity.note(session, "user.reset", subject=("user", user.id), by="command line")
    click.echo(f"Changed the password of {name}, ended their sessions and revoked their API tokens.")
    _print_password(made)


@command.command("role")
@click.argument("name")
@click.argument("role", type=click.Choice([role.value for role in Role]))
@store_errors
def change_role(name: str, role: str) -> None:
    """Change a user's role, with immediate effect."""
    from neurflow_store.users import activity, users

    with _writing() as session:
        user = users.change_role(session, _named(session, name).id, Role(role))
        activity.note(session, "user.role", subject=("user", user.id), role=role, by="command line")
    click.echo(f"{name} now has the role {role}.")


@command.command("disable")
@click.argument("name")
@click.option("--undo", is_flag=True, help="Enable the user again.")
@store_errors
def disable(name: str, undo: bool) -> None:
    """Disable a user, end their sessions and revoke their API tokens. What they own stays."""
    from neurflow_store.users import activity, users

    with _writing() as session:
        user = users.set_disabled(session, _named(session, name).id, not undo)
        activity.note(session, "user.enable" if undo else "user.disable", subject=("user", user.id), by="command line")
    click.echo(f"{'Enabled' if undo else 'Disabled'} {name}.")


@command.command("tokens")
@click.argument("name")
@store_errors
def list_tokens(name: str) -> None:
    """List a user's API tokens that were not revoked."""
    from neurflow_store.users import credentials

    with _writing() as session:
        tokens = credentials.tokens(session, _named(session, name).id, None, _MOST_TOKENS).items
    for token in tokens:
        expires = "never expires" if token.expires_at is None else f"expires {token.expires_at:%Y-%m-%d}"
        used = "never used" if token.last_used_at is None else f"used {token.last_used_at:%Y-%m-%d}"
        click.echo(f"{token.id}\t{token.scope}\t{expires}\t{used}\t{token.name}")


@command.command("revoke")
@click.argument("name")
@click.argument("token", required=False)
@click.option("--all", "everything", is_flag=True, help="Revoke all API tokens of the user.")
@store_errors
def revoke(name: str, token: str | None, everything: bool) -> None:
    """Revoke one of a user's API tokens at once, or all of them. `neurflow users tokens NAME` lists their ids."""
    from neurflow_store.users import activity, credentials

    if (token is None) is not everything:
        raise click.UsageError("give the id of one token, or --all")
    with _writing() as session:
        user = _named(session, name)
        ids = credentials.revoke_tokens(session, user.id, token)
        for id in ids:
            detail = {"user": user.id, "by": "command line"}
            activity.note(session, "token.revoke", subject=("token", id), **detail)
    click.echo(f"Revoked {len(ids)} API token{'' if len(ids) == 1 else 's'} of {name}.")


@contextmanager
def _writing() -> Iterator[Session]:
    from neurflow_store.installation.database import Database
    from neurflow_store.installation.settings import load_settings
    from neurflow_store.upkeep.migrate import check_schema

    database = Database(load_settings().database_url)
    try:
        check_schema(database)
        with database.writing() as session:
            yield session
    finally:
        database.close()


def _named(session: Session, name: str) -> User:
    from neurflow_store.users import users

    return users.named(session, name)


def _password(generate: bool) -> tuple[str, str | None]:
    """Return the password, and again if it was generated."""
    from neurflow_server.auth import passwords

    typed = "" if generate else click.prompt(_PROMPT, default="", hide_input=True, show_default=False)
    if typed:
        again = click.prompt("Once more", hide_input=True, default="", show_default=False)
        if again != typed:
            raise click.UsageError("the two passwords differ")
        return typed, None
    made = passwords.generated()
    return made, made


def _print_password(made: str | None) -> None:
    if made is not None:
        click.echo(f"Password: {made}\nIt is shown only once.")
