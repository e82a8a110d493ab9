"""Pages for people: frames that scripts fill by asking the API."""

from __future__ import annotations

from fastapi import APIRouter, Response

from neurflow_server import pages
from neurflow_server.addresses import API
from neurflow_server.dependencies import ReadSession
from neurflow_server.schemas.fields import Id
from neurflow_server.services import glossary
from neurflow_store.errors import NotFound
from neurflow_store.repositories import circuits

router = APIRouter(include_in_schema=False)


@router.get("/")
async def show_gallery() -> Response:
    """All circuits."""
    return pages.frame("gallery", "Circuits", "gallery")


@router.get("/circuits/new")
async def show_new_circuit() -> Response:
    """Choose what to compute."""
    return pages.frame("create", "New circuit", "create")


@router.get("/circuits/{id}")
def show_circuit(id: Id, session: ReadSession) -> Response:
    """One circuit, in the explorer."""
    try:
        name = circuits.card(session, id).name
    except NotFound:
        return pages.said("No such circuit", f"There is no circuit {id!r}. It may have been deleted.", 404)
    return pages.frame("explorer", name, "", f"{API}/circuits/{id}")


@router.get("/networks")
@router.get("/networks/{id}")
async def show_networks() -> Response:
    """What is registered, and one of it."""
    return pages.frame("library", "Networks", "networks")


@router.get("/glossary")
async def show_glossary() -> Response:
    """What each term and number means."""
    return pages.glossary(glossary.terms())


@router.get("/account")
async def show_account() -> Response:
    """Oneself: one's password, tokens and spaces."""
    return pages.frame("account", "Account", "")


@router.get("/users")
async def show_users() -> Response:
    """Everybody who may come in."""
    return pages.frame("account", "Users", "")


@router.get("/activity")
async def show_activity() -> Response:
    """Who did what."""
    return pages.frame("account", "Activity", "")


@router.get("/datasets")
@router.get("/datasets/{id}")
async def show_datasets() -> Response:
    """What is registered, and one of it."""
    return pages.frame("library", "Data sets", "datasets")
