"""The websocket of an avatar: commands in, events out, both JSON objects."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import Any

from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from pydantic import TypeAdapter, ValidationError
from starlette.concurrency import run_in_threadpool

from kuchipaku.avatar import Avatar
from kuchipaku.avatars import UnknownAvatarError
from kuchipaku.events import Event
from kuchipaku.mailbox import Mailbox, MailboxClosedError
from kuchipaku.web.errors import error_body, validation_message
from kuchipaku.web.models import (
    ClearPoseCommand,
    Command,
    EmotionCommand,
    GestureCommand,
    InterruptCommand,
    PoseCommand,
    SpeakCommand,
)
from kuchipaku.web.origins import is_trusted
from kuchipaku.web.services import WithServices
from kuchipaku_tha.errors import KuchipakuError

router = APIRouter()

MESSAGE_LIMIT_CHARACTERS = 200_000
"""Longer messages are refused with an error event."""

_UNKNOWN_AVATAR, _UNTRUSTED_ORIGIN, _AVATAR_ENDED = 4404, 4403, 1001
_COMMANDS: TypeAdapter[Command] = TypeAdapter(Command)


@router.websocket("/api/v1/avatars/{avatar_id}/ws")
async def converse(socket: WebSocket, avatar_id: str, services: WithServices) -> None:
    """Serve one connection until it closes or the avatar ends."""
    await socket.accept()
    if not is_trusted(socket):
        return await socket.close(_UNTRUSTED_ORIGIN, "Pages of other sites may not connect.")
    try:
        avatar = services.registry.get(avatar_id)
    except UnknownAvatarError as error:
        await socket.send_json(_error(error.code, str(error)))
        return await socket.close(_UNKNOWN_AVATAR, "unknown avatar")
    events = avatar.subscribe_events()
    try:
        await _converse(socket, avatar, events)
    finally:
        avatar.unsubscribe_events(events)


async def _converse(socket: WebSocket, avatar: Avatar, events: Mailbox[Event]) -> None:
    """Run both directions until either ends."""
    try:
        async with asyncio.TaskGroup() as directions:
            telling = directions.create_task(_tell(socket, events))
            try:
                await _listen(socket, avatar)
            finally:
                telling.cancel()
    except* (WebSocketDisconnect, RuntimeError):  # starlette raises RuntimeError for sending after the end
        pass


async def _tell(socket: WebSocket, events: Mailbox[Event]) -> None:
    while True:
        try:
            event = await events.get_async()
        except MailboxClosedError:
            return await socket.close(_AVATAR_ENDED, "The avatar has ended.")
        await socket.send_json({"event": event.kind, **dataclasses.asdict(event)})


async def _listen(socket: WebSocket, avatar: Avatar) -> None:
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            return
        answer = await _handle(avatar, message.get("text") or message.get("bytes") or "")
        if answer is not None:
            await socket.send_json(answer)


async def _handle(avatar: Avatar, message: str | bytes) -> dict[str, Any] | None:
    """Carry out one command; what went wrong comes back as an event."""
    if len(message) > MESSAGE_LIMIT_CHARACTERS:
        return _error("too-large", f"Messages may have at most {MESSAGE_LIMIT_CHARACTERS:,} characters.")
    try:
        command = _COMMANDS.validate_json(message)
        await run_in_threadpool(_obey, avatar, command)
    except ValidationError as error:
        return _error("bad-message", validation_message(error.errors()))
    except KuchipakuError as error:
        return _error(error.code, str(error))
    return None


def _obey(avatar: Avatar, command: Command) -> None:
    match command:
        case SpeakCommand():
            avatar.speak(command.text, voice=command.voice, interrupt=command.interrupt)
        case InterruptCommand():
            avatar.interrupt()
        case EmotionCommand():
            avatar.set_emotion(command.emotion, command.intensity, command.duration_s)
        case GestureCommand():
            avatar.gesture(command.gesture, command.duration_s, command.strength)
        case PoseCommand():
            avatar.set_pose(command.values, command.duration_s)
        case ClearPoseCommand():
            avatar.clear_pose()


def _error(code: str, message: str) -> dict[str, Any]:
    return {"event": "error", **error_body(code, message)}
