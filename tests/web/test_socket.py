from __future__ import annotations

import json
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed


def address(server_url: str, avatar_id: str = "default") -> str:
    return f"{server_url.replace('http', 'ws')}/api/v1/avatars/{avatar_id}/ws"


async def next_event(socket: ClientConnection) -> dict[str, Any]:
    event: dict[str, Any] = json.loads(await socket.recv())
    return event


async def test_speech_is_told_from_start_to_end(server_url: str) -> None:
    async with connect(address(server_url)) as socket:
        await socket.send(json.dumps({"command": "speak", "text": "Hello you."}))
        events = [await next_event(socket)]
        while events[-1]["event"] != "speaking-finished":
            events.append(await next_event(socket))
    assert [event["text"] for event in events if event["event"] == "speaking-started"] == ["Hello you."]
    assert sum(event["event"] == "viseme" for event in events) >= 5
    assert events[-1]["interrupted"] is False


async def test_interruption_is_told(server_url: str) -> None:
    async with connect(address(server_url)) as socket:
        await socket.send(json.dumps({"command": "speak", "text": "This is going to be a long story. " * 5}))
        while (await next_event(socket))["event"] != "speaking-started":
            pass
        await socket.send(json.dumps({"command": "interrupt"}))
        while (event := await next_event(socket))["event"] != "speaking-finished":
            pass
        assert event["interrupted"] is True


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("not json", "bad-message"),
        ("[]", "bad-message"),
        ('{"command": "dance"}', "bad-message"),
        ('{"command": "speak"}', "bad-message"),
        ('{"command": "speak", "text": ""}', "bad-speech-text"),
        ('{"command": "emotion", "emotion": "hunger"}', "unknown-emotion"),
        ('{"command": "pose", "values": {"tail": 1}}', "unknown-pose-parameter"),
        ("x" * 300_000, "too-large"),
        (b"\xff\xfe", "bad-message"),
    ],
)
async def test_a_bad_message_is_answered_and_the_socket_lives(server_url: str, message: str | bytes, code: str) -> None:
    async with connect(address(server_url)) as socket:
        await socket.send(message)
        event = await next_event(socket)
        assert event["event"] == "error"
        assert event["error"]["code"] == code
        await socket.send('{"command": "again"}')
        assert (await next_event(socket))["event"] == "error"


async def test_an_unknown_avatar_is_named(server_url: str) -> None:
    async with connect(address(server_url, "nobody")) as socket:
        assert (await next_event(socket))["error"]["code"] == "unknown-avatar"
        with pytest.raises(ConnectionClosed):
            await socket.recv()


async def test_pages_of_other_sites_may_not_connect(server_url: str) -> None:
    async with connect(address(server_url), origin="https://example.org") as socket:  # type: ignore[arg-type]
        with pytest.raises(ConnectionClosed, match="other sites"):
            await socket.recv()
