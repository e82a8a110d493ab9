"""HTML pages: frames that scripts fill through the API."""

from __future__ import annotations

from fastapi import APIRouter, Response

from neurflow_server import pages
from neurflow_server.addresses import API
from neurflow_server.dependencies import ReadSession
from neurflow_server.schemas.fields import Id
from neurflow_server.services import glossary
from neurflow_store.errors import NotFound
from neurflow_store.repositories import circuits, datasets, networks

router = APIRouter(include_in_schema=False)


@router.get("/")
async def show_gallery() -> Response:
    """Show all circuits."""
    return pages.frame("gallery", "Circuits", "gallery")


@router.get("/circuits/new")
async def show_new_circuit() -> Response:
    """Show the form for a new circuit."""
    return pages.frame("create", "New circuit", "create")


@router.get("/circuits/{id}")
def show_circuit(id: Id, session: ReadSession) -> Response:
    """Show a circuit in the explorer."""
    try:
        name = circuits.card(session, id).name
    except NotFound:
        return pages.message_page("Circuit not found", f"There is no circuit {id!r}. It may have been deleted.", 404)
    return pages.frame("explorer", name, "", f"{API}/circuits/{id}")


@router.get("/networks")
async def show_networks() -> Response:
    """Show the registered networks."""
    return pages.frame("library", "Networks", "networks")


@router.get("/networks/{id}")
def show_network(id: Id, session: ReadSession) -> Response:
    """Show a registered network."""
    try:
        name = networks.network(session, id).name
    except NotFound:
        missing = f"There is no network {id!r}. It may have been deleted."
        return pages.message_page("Network not found", missing, 404, way=("/networks", "All networks"))
    return pages.frame("library", name, "networks")


@router.get("/glossary")
async def show_glossary() -> Response:
    """Show the glossary."""
    return pages.glossary(glossary.terms())


@router.get("/account")
async def show_account() -> Response:
    """Show your password, tokens and spaces."""
    return pages.frame("account", "Account", "")


@router.get("/users")
async def show_users() -> Response:
    """Show all users."""
    return pages.frame("account", "Users", "")


@router.get("/activity")
async def show_activity() -> Response:
    """Show the activity log."""
    return pages.frame("account", "Activity", "")


@router.get("/datasets")
async def show_datasets() -> Response:
    """Show the registered data sets."""
    return pages.frame("library", "Data sets", "datasets")


@router.get("/datasets/{id}")
def show_dataset(id: Id, session: ReadSession) -> Response:
    """Show a registered data set."""
    try:
        name = datasets.dataset(session, id).name
    except NotFound:
        missing = f"There is no data set {id!r}. It may have been deleted."
        return pages.message_page("Data set not found", missing, 404, way=("/datasets", "All data sets"))
    return pages.frame("library", name, "datasets")
