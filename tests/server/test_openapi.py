"""The description of the HTTP API says what the handlers do."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from jupyter_server.base.handlers import APIHandler

import jupyter_crdt_autosave
from jupyter_crdt_autosave.handlers import BASE
from tests.support.client import Client, until
from tests.support.inside import InnerServer, serving
from tests.support.loop import in_loop

DESCRIPTION: dict[str, Any] = yaml.safe_load(
    (Path(jupyter_crdt_autosave.__file__).parent / "api.yaml").read_text(encoding="utf-8")
)
VERBS = ("get", "post", "put", "patch", "delete")


def described() -> set[tuple[str, str]]:
    """Every path and verb of the description."""
    return {
        (re.sub(r"{\w+}", "*", path), verb)
        for path, item in DESCRIPTION["paths"].items()
        for verb in item.keys() & set(VERBS)
    }


def served(server: InnerServer) -> set[tuple[str, str]]:
    """Every path and verb of the handlers."""
    return {
        (re.sub(r"\(.*?\)", "*", url.removeprefix(BASE)), verb)
        for url, handler, *_ in server.extension.handlers
        if url.startswith(BASE)
        for verb in VERBS
        if getattr(handler, verb) is not getattr(APIHandler, verb)
    }


def schema_of(path: str, verb: str, status: int) -> Any:
    """The schema of an answer, which may refer to the components."""
    responses = DESCRIPTION["paths"][path][verb]["responses"]
    found = responses.get(str(status), responses["default"])
    while "$ref" in found:
        found = resolved(found["$ref"])
    return found["content"]["application/json"]["schema"]


def resolved(reference: str) -> Any:
    """What a reference of the description refers to."""
    found: Any = DESCRIPTION
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return found


class Caller:
    """Calls a server, and checks every answer against the description."""

    def __init__(self, server: InnerServer) -> None:
        self.server = server
        self.called: set[tuple[str, str]] = set()

    async def call(
        self, verb: str, path: str, of: str = "nb.ipynb", body: Any = None, wanted: int = 200
    ) -> Any:
        """The answer to a call that is described, about a notebook or version."""
        url = BASE + re.sub(r"{\w+}", of, path)
        answer = await self.server.request(verb.upper(), url, body)
        assert answer.status_code == wanted, answer.text
        schema = {**schema_of(path, verb, wanted), "components": DESCRIPTION["components"]}
        Draft202012Validator(schema).validate(answer.json())
        self.called.add((re.sub(r"{\w+}", "*", path), verb))
        return answer.json()


@in_loop
async def test_every_call_is_described_and_no_other(home: Path) -> None:
    async with serving(home) as server:
        assert described() == served(server)


def test_the_schemas_are_schemas() -> None:
    for schema in DESCRIPTION["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


@pytest.mark.timeout(60)
@in_loop
async def test_every_answer_is_as_described(home: Path) -> None:
    soon = {"document_cleanup_delay": 0.05}
    async with serving(home, YDocExtension=soon, CRDTAutosave={"interval": 1000.0}) as server:
        caller = Caller(server)
        events = server.listen("https://schema.jupyter.org/jupyter_crdt_autosave/file/v1")
        server.write("nb.ipynb", "x = 1")
        await caller.call("get", "/status/{path}", wanted=404)
        client = Client(server, "nb.ipynb")
        async with client.connected():
            await caller.call("get", "/status/{path}")
            await caller.call("get", "/content/{path}")
            await _conflict(server, client, events)
            await _conflicts(caller)
            await _versions(caller)
            await caller.call("get", "/recovery/{path}")
            body = {"action": "restore", "id": "x"}
            await caller.call("post", "/recovery/{path}", body=body, wanted=409)
            await caller.call("post", "/autosave/{path}")
            await caller.call("delete", "/autosave/{path}")
            await caller.call("post", "/reload/{path}")
        await until(lambda: not server.rooms)
        await _recoverables(caller)
        assert caller.called == described()


async def _conflict(server: InnerServer, client: Client, events: list[Any]) -> None:
    source = client.notebook.ycells[0]["source"]
    del source[4:5]
    source.insert(4, "2")
    await until(lambda: server.texts("nb.ipynb") == ["x = 2"])
    server.write("nb.ipynb", "x = 3")
    await until(lambda: events)


async def _conflicts(caller: Caller) -> None:
    (mark,) = (await caller.call("get", "/conflicts/{path}"))["conflicts"]
    body = {"action": "dismiss", "id": mark["id"]}
    await caller.call("post", "/conflicts/{path}", body=body)
    await caller.call("post", "/conflicts/{path}", body=body, wanted=409)


async def _versions(caller: Caller) -> None:
    made = await caller.call("post", "/versions/{path}", body={"name": "one"}, wanted=201)
    listed = await caller.call("get", "/versions/{path}")
    assert {"named", "conflict"} == {each["kind"] for each in listed["versions"]}
    id = made["id"]
    await caller.call("get", "/version/{id}", id)
    await caller.call("patch", "/version/{id}", id, {"name": "two"})
    await caller.call("post", "/version/{id}/restore", id, {"cells": None})
    await caller.call("delete", "/version/{id}", id)
    await caller.call("get", "/version/{id}", id, wanted=404)


async def _recoverables(caller: Caller) -> None:
    (caller.server.root / "nb.ipynb").unlink()
    (found,) = (await caller.call("get", "/recovery"))["notebooks"]
    id = found["id"]
    await caller.call("get", "/recoverable/{id}", id)
    await caller.call("post", "/recovery", body={"id": id, "path": "../nb.ipynb"}, wanted=400)
    await caller.call("post", "/recovery", body={"id": id, "path": "nb.ipynb"})
    await caller.call("post", "/recovery", body={"id": id, "path": "nb.ipynb"}, wanted=404)
    await caller.call("get", "/recoverable/{id}", id, wanted=404)
