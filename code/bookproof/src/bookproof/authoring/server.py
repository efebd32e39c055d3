"""The pages of a book that is served: as a build wrote them, with a script that hears of builds."""

from __future__ import annotations

import contextlib
import html
import json
import os
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from bookproof.authoring.rebuild import Builds
from bookproof.telling.texts import texts_for

_RELOAD = Path(__file__).with_name("reload.js")
_OWN = "/__bookproof"
_HEAD = re.compile(rb"<head(\s[^>]*)?>", re.IGNORECASE)
_HOSTS = ["127.0.0.1", "localhost"]
# A page that does without a font where it comes late would always do without.
_FONT = {"Cache-Control": "max-age=3600"}
_FRESH = {"Cache-Control": "no-store", "Cross-Origin-Resource-Policy": "same-origin"}


def server(builds: Builds) -> uvicorn.Server:
    """Return what serves the pages of a book and leaves signals to others."""
    config = uvicorn.Config(
        application(builds),
        lifespan="off",
        ws="none",
        log_config=None,
        log_level="error",
        timeout_graceful_shutdown=2,
    )
    made = uvicorn.Server(config)
    capture: Any = contextlib.nullcontext
    made.capture_signals = capture  # the builds have to end as well
    return made


def application(builds: Builds) -> Starlette:
    """Return what serves the pages of a book and tells them of its builds."""

    async def events(request: Request) -> Response:
        texts = texts_for(request.query_params.get("language"))
        page = request.query_params.get("page", "")

        async def stream() -> AsyncIterator[str]:
            told = None
            async for outcome in builds:
                state = {"version": builds.versions.of(page), "failure": outcome.failure(texts)}
                if state != told:
                    yield f"data: {json.dumps(state)}\n\n"
                told = state

        return StreamingResponse(stream(), headers=_FRESH, media_type="text/event-stream")

    async def script(_: Request) -> Response:
        return FileResponse(_RELOAD, headers=_FRESH)

    async def missing(request: Request, _: Exception) -> Response:
        language = request.headers.get("accept-language", "")
        text = html.escape(texts_for(language).no_page.format(request.url.path))
        tag = "zh-CN" if language.startswith("zh") else "en"
        page = f'<!DOCTYPE html><html lang="{tag}"><head><title>404</title></head><p>{text}</p>'
        return HTMLResponse(_with(_script(builds, ""), page.encode()), 404, _FRESH)

    return Starlette(
        routes=[
            Route(f"{_OWN}/events", events),
            Route(f"{_OWN}/reload.js", script),
            Mount("/", _Pages(builds)),
        ],
        # A page of another site must not read a book that is not published: neither through a
        # name of its own that leads here, nor as a script or picture.
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=_HOSTS, www_redirect=False)],
        exception_handlers={404: missing},
    )


class _Pages(StaticFiles):
    """The files of a site, never kept by the browser; the HTML among them with the script."""

    def __init__(self, builds: Builds):
        super().__init__(directory=builds.site, html=True, check_dir=False)
        self._builds = builds

    async def check_config(self) -> None:
        """Demand nothing: the first build may not have made the folder yet."""

    def is_not_modified(self, *_) -> bool:
        """Tell that what the browser has is old: it may be of another book on this port."""
        return False

    async def get_response(self, path: str, scope) -> Response:
        try:
            response = await super().get_response(path, scope)
        except ValueError as error:  # no file has such a name; old releases do not catch it
            raise HTTPException(404) from error
        if isinstance(response, FileResponse) and response.media_type == "text/html":
            site = os.path.realpath(self.directory)
            file = Path(response.path).relative_to(site).as_posix()
            script = _script(self._builds, file)  # first: the page may be newer, not older
            try:
                content = self._builds.versions.early(file) or Path(response.path).read_bytes()
            except OSError as error:  # a build has just taken it away
                raise HTTPException(404) from error
            response = HTMLResponse(_with(script, content), response.status_code)
        kept = str(response.media_type).startswith("font/")
        response.headers.update(_FRESH | _FONT if kept else _FRESH)
        return response


def _script(builds: Builds, file: str) -> bytes:
    """Return what lets a page hear of builds; `file` is its place in the site."""
    file, version = html.escape(file), builds.versions.of(file)
    data = f'data-page="{file}" data-version="{version}"'
    return f'<script src="{_OWN}/reload.js" {data} defer></script>'.encode()


def _with(script: bytes, page: bytes) -> bytes:
    """Put a script first in the head: there it is read even where the rest is half-written."""
    head = _HEAD.search(page)
    place = head.end() if head else len(page)
    return page[:place] + script + page[place:]
