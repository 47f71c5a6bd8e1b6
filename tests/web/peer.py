"""A WebRTC viewer without a browser."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
import numpy as np
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame, VideoFrame

from kuchipaku.avatar import Avatar
from tests.waiting import eventually


@dataclass
class Peer:
    """A viewer that writes down what arrives, and when by the avatar's clock."""

    now_s: Callable[[], float]
    connection: RTCPeerConnection = field(default_factory=lambda: RTCPeerConnection(RTCConfiguration([])))
    pictures: list[tuple[float, np.ndarray]] = field(default_factory=list)
    loudness: list[tuple[float, float]] = field(default_factory=list)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def follow(self, track: MediaStreamTrack) -> None:
        self.tasks.append(asyncio.create_task(self._receive(track)))

    async def _receive(self, track: MediaStreamTrack) -> None:
        while True:
            try:
                frame = await track.recv()
            except MediaStreamError:
                return
            if isinstance(frame, VideoFrame):
                self.pictures.append((self.now_s(), frame.to_ndarray(format="rgb24")))
            elif isinstance(frame, AudioFrame):
                self.loudness.append((self.now_s(), float(np.abs(frame.to_ndarray()).mean())))


@asynccontextmanager
async def watching(server_url: str, avatar: Avatar) -> AsyncIterator[tuple[Peer, str]]:
    """A connected peer and the address of its session."""
    peer = Peer(avatar.clock.now_s)
    peer.connection.on("track", peer.follow)
    try:
        for kind in ("video", "audio"):
            peer.connection.addTransceiver(kind, direction="recvonly")
        await peer.connection.setLocalDescription(await peer.connection.createOffer())
        async with httpx.AsyncClient(base_url=server_url) as client:
            answer = await client.post(
                f"/whep/{avatar.id}",
                content=peer.connection.localDescription.sdp,
                headers={"Content-Type": "application/sdp"},
            )
        assert answer.status_code == 201
        assert answer.headers["content-type"] == "application/sdp"
        await peer.connection.setRemoteDescription(RTCSessionDescription(sdp=answer.text, type="answer"))
        await asyncio.to_thread(eventually, lambda: bool(peer.pictures and peer.loudness), 20)
        yield peer, server_url + answer.headers["location"]
    finally:
        await peer.connection.close()
        await asyncio.gather(*peer.tasks)
