"""`kuchipaku serve`: the live server."""

from __future__ import annotations

import webbrowser
from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from kuchipaku.cli.console import err, out
from kuchipaku.cli.listen import ANY_HOSTS, base_url, listen
from kuchipaku.cli.sizes import SizeOption, frame_size

if TYPE_CHECKING:
    import socket

    from fastapi import FastAPI

AVATAR_ID = "default"
SHUTDOWN_S = 3
"""Seconds that open streams are given to end after Ctrl-C."""


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 lets other machines in.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes any free port.")] = 5100,
    character: Annotated[str | None, typer.Option(help="Whom to show; a built-in character when absent.")] = None,
    fps: Annotated[float, typer.Option(min=1, max=60, help="Frames per second.")] = 30.0,
    seed: Annotated[int | None, typer.Option(min=0, help="Makes blinks and sway the same in every run.")] = None,
    size: SizeOption = None,
    origins: Annotated[
        list[str] | None,
        typer.Option(
            "--allow-origin", metavar="URL", help="A web page elsewhere that may use the server; may be repeated."
        ),
    ] = None,
    open_page: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
) -> None:
    """Show a character in the browser and in OBS, and let it speak."""
    from kuchipaku.avatars import AvatarRegistry
    from kuchipaku.characters import CharacterLibrary
    from kuchipaku.threads import draw_on_one_thread
    from kuchipaku.web.app import create_app

    wanted_size = frame_size(size)
    draw_on_one_thread()
    library = CharacterLibrary()
    shown = library.load(character or library.default_name())
    registry = AvatarRegistry()
    with closing(listen(host, port)) as opened, closing(registry):
        registry.create(AVATAR_ID, shown, fps=fps, seed=seed, size=wanted_size)
        url = base_url(host, opened)
        _print_addresses(shown.title, url, host)
        if open_page:
            webbrowser.open(url)
        _run(create_app(registry, library, allowed_origins=origins or ()), opened)
    err.print("Stopped.")


def _print_addresses(title: str, url: str, host: str) -> None:
    out.print(f"\n[bold]{escape(title)}[/bold] is alive. Ctrl-C ends it.\n")
    out.print(f"  page            {url}/", soft_wrap=True)
    out.print(f"  OBS, browser    {url}/obs/{AVATAR_ID}", soft_wrap=True)
    out.print(f"  pictures        {url}/result_feed", soft_wrap=True)
    out.print(f"  API             {url}/docs\n", soft_wrap=True)
    if host in ANY_HOSTS:
        err.print("Anybody who reaches this machine over the network can use it: there is no password.\n")


def _run(app: FastAPI, opened: socket.socket) -> None:
    """Serve until Ctrl-C."""
    import uvicorn

    class Server(uvicorn.Server):
        """Ends compiles, and with them the streams that tell about them, before it waits for streams to end."""

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            app.state.services.compiles.close()
            await super().shutdown(sockets)

    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=SHUTDOWN_S)
    try:
        Server(config).run(sockets=[opened])
    except KeyboardInterrupt:  # uvicorn has shut down in good order and passes the signal on
        return
