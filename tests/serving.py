"""Fixtures: an avatar with a stand-in for a character, and the server that shows it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI

from kuchipaku.avatar import Avatar
from kuchipaku.avatars import AvatarRegistry
from kuchipaku.characters import CharacterLibrary
from kuchipaku.compiling.request import CompileStep
from kuchipaku.speech import default_synthesizer
from kuchipaku.speech.protocol import Synthesizer
from kuchipaku.web.app import create_app
from kuchipaku_tha.quality import CompileSettings
from tests.compile_worker import COMMAND
from tests.stand_in import stand_in_character

TINY_STEPS = (
    CompileStep("draft", CompileSettings(face_samples=4, turn_samples=3, fit_percent=1)),
    CompileStep("standard", CompileSettings(face_samples=8, turn_samples=6, fit_percent=1)),
)
"""Two qualities in a second or two; the process paints its samples."""


@pytest.fixture(scope="session")
def voice() -> Synthesizer:
    return default_synthesizer()


@pytest.fixture
def registry(voice: Synthesizer) -> Iterator[AvatarRegistry]:
    registry = AvatarRegistry(voice, most=2)
    yield registry
    registry.close()


@pytest.fixture
def avatar(registry: AvatarRegistry) -> Avatar:
    return registry.create("default", stand_in_character(), seed=1)


@pytest.fixture
def app(registry: AvatarRegistry, avatar: Avatar, tmp_path: Path) -> FastAPI:
    return create_app(registry, CharacterLibrary([tmp_path]), compiler=COMMAND, compile_steps=TINY_STEPS)


@pytest.fixture
def server_url(app: FastAPI) -> Iterator[str]:
    """A real server on a free port, in a thread."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", timeout_graceful_shutdown=2))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        thread.join(0.01)
        assert thread.is_alive()
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)
    assert not thread.is_alive()
