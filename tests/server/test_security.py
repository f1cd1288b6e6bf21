"""Who may not read a notebook gets nothing, and makes no room."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from httpx_ws import WebSocketUpgradeError, aconnect_ws
from jupyter_server.auth.authorizer import Authorizer
from jupyter_server.base.handlers import APIHandler

from jupyter_crdt_autosave.handlers import BASE
from jupyter_crdt_autosave.wire import Socket
from tests.support.client import Client, until
from tests.support.inside import InnerServer, serving
from tests.support.loop import in_loop
from tests.support.server import TOKEN

OURS = "jupyter_crdt_autosave"
ELSEWHERE = "https://elsewhere.example"


class Nobody(Authorizer):
    """Lets nobody read contents."""

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        return resource != "contents"


def our_handlers(server: InnerServer) -> dict[str, type[Any]]:
    """Every handler of ours by its URL."""
    return {
        url: handler
        for url, handler, *_ in server.extension.handlers
        if handler.__module__.startswith(OURS)
    }


def decorators(handler: type[Any], verb: str) -> set[str]:
    """The names of the decorators of a handler's method."""
    source = textwrap.dedent(inspect.getsource(getattr(handler, verb)))
    function = ast.parse(source).body[0]
    assert isinstance(function, ast.AsyncFunctionDef)
    return {ast.unparse(decorator) for decorator in function.decorator_list}


def verbs(handler: type[Any]) -> list[str]:
    """The HTTP methods that a handler answers."""
    return [
        name
        for name in ("get", "head", "post", "put", "patch", "delete")
        if getattr(handler, name) is not getattr(APIHandler, name)
    ]


async def knock(server: InnerServer, room_id: str, **headers: str) -> int:
    """Try to open a room's socket; the status of the answer."""
    url = f"{server.url}/api/collaboration/room/{room_id}"
    try:
        async with httpx.AsyncClient(headers=headers) as http, aconnect_ws(url, http):
            return 101
    except WebSocketUpgradeError as refused:
        return refused.response.status_code


def token(**headers: str) -> dict[str, str]:
    return {"Authorization": f"token {TOKEN}", **headers}


@in_loop
async def test_every_handler_of_ours_is_authenticated_and_authorized_for_contents(
    home: Path,
) -> None:
    async with serving(home) as server:
        handlers = our_handlers(server)
        assert Socket in handlers.values()
        assert sum(url.startswith(BASE) for url in handlers) == len(handlers) - 1
        for handler in handlers.values():
            assert handler.auth_resource == "contents"
            assert verbs(handler)
            for verb in verbs(handler):
                wanted = "ws_authenticated" if handler is Socket else "web.authenticated"
                assert {wanted, "authorized"} <= decorators(handler, verb), (handler, verb)


@in_loop
async def test_without_a_token_every_route_of_ours_is_closed(home: Path) -> None:
    async with serving(home) as server:
        server.write("nb.ipynb", "a")
        async with Client(server, "nb.ipynb").connected():
            for url, handler in our_handlers(server).items():
                path = re.sub(r"\(.*?\)", "nb.ipynb" if "(." in url else "0", url)
                for verb in verbs(handler):
                    for token in (None, "wrong"):
                        answer = await server.request(verb.upper(), path, token=token)
                        assert answer.status_code == 403, (verb, path)


@in_loop
async def test_without_permission_every_route_of_ours_is_closed(home: Path) -> None:
    async with serving(home, ServerApp={"authorizer_class": Nobody}) as server:
        known = {"(.+)": "nb.ipynb", "(.*)": server.room_id("nb.ipynb"), r"(\w+)": "0"}
        for url, handler in our_handlers(server).items():
            path = re.sub(r"\(.*?\)", lambda found: known[found[0]], url)
            for verb in verbs(handler):
                assert (await server.request(verb.upper(), path)).status_code == 403, (verb, path)


@pytest.mark.parametrize("kind", ["json:notebook", "text:file"])
@in_loop
async def test_without_a_token_no_room_is_made(home: Path, kind: str) -> None:
    async with serving(home) as server:
        server.write("nb.ipynb", "a")
        room_id = server.room_id("nb.ipynb", kind)
        assert await knock(server, room_id) == 403
        assert await knock(server, room_id, Authorization="token wrong") == 403
        assert server.rooms == {}
        assert list(server.extension.notebook_rooms) == []


@pytest.mark.parametrize("kind", ["json:notebook", "text:file"])
@in_loop
async def test_without_permission_no_room_is_made(home: Path, kind: str) -> None:
    async with serving(home, ServerApp={"authorizer_class": Nobody}) as server:
        server.write("nb.ipynb", "a")
        assert await knock(server, server.room_id("nb.ipynb", kind), **token()) == 403
        assert server.rooms == {}


@pytest.mark.parametrize("kind", ["json:notebook", "text:file"])
@in_loop
async def test_another_site_is_refused_and_makes_no_room(home: Path, kind: str) -> None:
    open_door = {"token": "", "password": ""}
    async with serving(home, IdentityProvider={"token": ""}, ServerApp=open_door) as server:
        server.write("nb.ipynb", "a")
        room_id = server.room_id("nb.ipynb", kind)
        assert await knock(server, room_id, Origin=ELSEWHERE) == 403
        assert server.rooms == {}
        assert await knock(server, room_id, Origin=server.url) == 101


@in_loop
async def test_another_site_with_a_token_is_let_in(home: Path) -> None:
    async with serving(home) as server:
        server.write("nb.ipynb", "a")
        room_id = server.room_id("nb.ipynb")
        assert await knock(server, room_id, **token(Origin=ELSEWHERE)) == 101


@in_loop
async def test_a_plain_request_makes_no_room(home: Path) -> None:
    async with serving(home) as server:
        server.write("nb.ipynb", "a")
        path = f"/api/collaboration/room/{server.room_id('nb.ipynb')}"
        assert (await server.request("GET", path)).status_code == 400
        assert server.rooms == {}


@pytest.mark.parametrize(
    "path",
    [
        "../outside.ipynb",
        "folder/../../outside.ipynb",
        ".hidden/nb.ipynb",
        ".nb.ipynb",
        "folder/.hidden/nb.ipynb",
    ],
)
@in_loop
async def test_a_path_that_the_contents_api_would_not_show_is_not_found(
    home: Path, path: str
) -> None:
    async with serving(home) as server:
        for name in (
            "../outside.ipynb",
            ".hidden/nb.ipynb",
            ".nb.ipynb",
            "folder/.hidden/nb.ipynb",
        ):
            server.write(name, "secret")
        for url in ("/api/contents", f"{BASE}/status"):
            answer = await server.request("GET", f"{url}/{quote(path, safe='')}")
            assert answer.status_code == 404
        assert await knock(server, server.room_id(path), **token()) == 404
        assert server.rooms == {}
        assert list(server.extension.notebook_rooms) == []


@in_loop
async def test_an_absolute_path_is_not_found(home: Path) -> None:
    async with serving(home) as server:
        outside = server.write("../outside.ipynb", "secret")
        for path in (str(outside), f"/{outside}"):
            assert await knock(server, server.room_id(path), **token()) == 404
            answer = await server.request("GET", f"{BASE}/status/{quote(path, safe='')}")
            assert answer.status_code == 404
        assert server.rooms == {}


@in_loop
async def test_hidden_notebooks_open_where_that_is_allowed(home: Path) -> None:
    async with serving(home, ContentsManager={"allow_hidden": True}) as server:
        server.write(".hidden/nb.ipynb", "a")
        client = Client(server, ".hidden/nb.ipynb")
        async with client.connected():
            assert client.sources == ["a"]


@pytest.mark.parametrize(
    "path", ["with space.ipynb", "ünïcode/日本語 ✨.ipynb", "100% #1?&+.ipynb", "a:b:c.ipynb"]
)
@in_loop
async def test_any_other_name_is_as_good_as_the_next(home: Path, path: str) -> None:
    async with serving(home) as server:
        server.write(path, "a")
        client = Client(server, path)
        async with client.connected():
            client.type(0, "b")
            assert (await client.save())["status"] == "success"
            assert (await server.status(quote(path)))["path"] == path
        assert server.sources(path) == ["ab"]


@in_loop
async def test_an_id_that_nobody_gave_is_not_found(home: Path) -> None:
    async with serving(home) as server:
        assert await knock(server, "json:notebook:no-such-id", **token()) == 404
        assert await knock(server, "json:notebook:", **token()) == 404
        assert server.rooms == {}


@in_loop
async def test_a_notebook_that_is_missing_is_refused_as_by_the_host(home: Path) -> None:
    async with serving(home) as server:
        client = Client(server, "missing.ipynb")
        async with client.connected(wait=False):
            await until(lambda: client.closed)
        assert client.closed is not None and client.closed[0] == 4404
        assert server.rooms == {}


@in_loop
async def test_an_id_is_the_same_however_it_is_written(home: Path) -> None:
    async with serving(home) as server:
        server.write("nb.ipynb", "a")
        room_id = server.room_id("nb.ipynb")
        assert await knock(server, room_id.replace(":", "%3A"), **token()) == 101
        await until(lambda: list(server.rooms) == [room_id])
