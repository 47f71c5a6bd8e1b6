"""WebRTC viewers: one peer connection each, with one video and one audio track."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Coroutine
from dataclasses import dataclass

from aiortc import (
    MediaStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCIceServer,
    RTCPeerConnection,
    RTCRtpCodecCapability,
    RTCRtpSender,
    RTCSessionDescription,
)
from aiortc.sdp import SessionDescription

from kuchipaku.sinks.bitrates import suit_bitrates_to_size
from kuchipaku.sinks.packed_video import PackedVideo
from kuchipaku.sinks.source import LiveSource
from kuchipaku.sinks.tracks import SoundStream, VideoTrack
from kuchipaku_tha.errors import BadInputError, KuchipakuError

VIEWER_LIMIT = 8
CONNECT_TIMEOUT_S = 20.0


class BadOfferError(BadInputError):
    """An SDP offer cannot be understood or asks for nothing that this server sends."""

    code = "bad-sdp"
    http_status = 400


class TooManyViewersError(KuchipakuError):
    """The server already has as many viewers as it serves."""

    code = "too-many-viewers"
    http_status = 503


class UnknownViewerError(KuchipakuError):
    """No WebRTC session of that name; it may have ended."""

    code = "unknown-session"
    http_status = 404


@dataclass(frozen=True, slots=True)
class Viewer:
    """One WebRTC session.

    Attributes:
        viewer_id: unguessable name of the session.
        source: the avatar it watches.
        peer: its connection.
        tracks: what is sent over it.
    """

    viewer_id: str
    source: LiveSource
    peer: RTCPeerConnection
    tracks: tuple[MediaStreamTrack, ...]

    async def close(self) -> None:
        """End the session and free everything it used."""
        await self.peer.close()
        for track in self.tracks:
            track.stop()


class Viewers:
    """All WebRTC sessions of the server, at most ``limit`` at a time. It lives on one event loop."""

    def __init__(self, limit: int = VIEWER_LIMIT, ice_servers: tuple[str, ...] = ()) -> None:
        """Args:
        limit: sessions beyond it are refused.
        ice_servers: STUN addresses, for viewers beyond a NAT; none are needed in one network.
        """
        self._limit = limit
        self._configuration = RTCConfiguration(
            iceServers=[RTCIceServer(urls=address) for address in ice_servers],
            bundlePolicy=RTCBundlePolicy.MAX_BUNDLE,
        )
        self._viewers: dict[str, Viewer] = {}
        self._admitting = 0
        self._videos: dict[LiveSource, PackedVideo] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        suit_bitrates_to_size()

    def __len__(self) -> int:
        return len(self._viewers)

    async def admit(self, source: LiveSource, offer_sdp: str) -> tuple[Viewer, str]:
        """Begin a session.

        Args:
            source: the avatar to watch.
            offer_sdp: the viewer's offer, with all its candidates.

        Returns:
            the session and the SDP answer, with all of the server's candidates.

        Raises:
            BadOfferError: the offer is broken or asks for no media.
            TooManyViewersError: the limit is reached.
        """
        if len(self._viewers) + self._admitting >= self._limit:
            raise TooManyViewersError(f"All {self._limit} viewer places are taken; close another page first.")
        self._admitting += 1
        peer = RTCPeerConnection(self._configuration)
        try:
            tracks = await self._negotiate(peer, source, offer_sdp)
        except BaseException:
            await peer.close()
            raise
        finally:
            self._admitting -= 1
        viewer = Viewer(secrets.token_urlsafe(16), source, peer, tracks)
        self._viewers[viewer.viewer_id] = viewer
        self._watch(viewer)
        return viewer, peer.localDescription.sdp

    async def leave(self, viewer_id: str) -> None:
        """End a session.

        Raises:
            UnknownViewerError: there is none of that name.
        """
        if viewer_id not in self._viewers:
            raise UnknownViewerError("This session does not exist or has ended.")
        await self._viewers.pop(viewer_id).close()

    async def leave_source(self, source: LiveSource) -> None:
        """End every session that watches the avatar; it may be forgotten then."""
        for viewer in [viewer for viewer in self._viewers.values() if viewer.source is source]:
            await self.leave(viewer.viewer_id)
        self._videos.pop(source, None)

    async def close(self) -> None:
        """End every session."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(viewer.close() for viewer in self._viewers.values()))
        self._viewers.clear()

    async def _negotiate(
        self, peer: RTCPeerConnection, source: LiveSource, offer_sdp: str
    ) -> tuple[MediaStreamTrack, ...]:
        try:
            offer = SessionDescription.parse(offer_sdp)
            tracks = self._add_tracks(peer, source, _wanted_kinds(offer))
            _forget_mdns_candidates(offer)
            await peer.setRemoteDescription(RTCSessionDescription(sdp=str(offer), type="offer"))
            await peer.setLocalDescription(await peer.createAnswer())
        except KuchipakuError:
            raise
        except Exception as error:  # the parser raises whatever a line of text leads it to
            reason = str(error) or type(error).__name__
            raise BadOfferError(f"The SDP offer cannot be understood: {reason}") from error
        return tracks

    def _add_tracks(self, peer: RTCPeerConnection, source: LiveSource, kinds: set[str]) -> tuple[MediaStreamTrack, ...]:
        tracks: list[MediaStreamTrack] = []
        if "video" in kinds:
            tracks.append(VideoTrack(self._videos.setdefault(source, PackedVideo(source))))
            peer.addTransceiver(tracks[-1], direction="sendonly").setCodecPreferences(_video_codecs())
        if "audio" in kinds:
            tracks.append(SoundStream(source.sound, source.clock))
            peer.addTransceiver(tracks[-1], direction="sendonly")
        return tuple(tracks)

    def _watch(self, viewer: Viewer) -> None:
        """Drop the viewer when its connection ends, or does not come about in time."""

        def follow() -> None:
            state = viewer.peer.connectionState
            if state in ("connected", "failed", "closed"):
                timer.cancel()
            if state in ("failed", "closed"):
                self._spawn(self._drop(viewer))

        def expire() -> None:
            if viewer.peer.connectionState != "connected":
                self._spawn(self._drop(viewer))

        timer = asyncio.get_running_loop().call_later(CONNECT_TIMEOUT_S, expire)
        viewer.peer.on("connectionstatechange", follow)

    async def _drop(self, viewer: Viewer) -> None:
        if self._viewers.pop(viewer.viewer_id, None):
            await viewer.close()

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _wanted_kinds(offer: SessionDescription) -> set[str]:
    """The kinds of media that an offer asks to receive."""
    receiving = (part.kind for part in offer.media if part.direction in ("recvonly", "sendrecv"))
    kinds = {"video", "audio"}.intersection(receiving)
    if not kinds:
        raise BadOfferError("The SDP offer asks for neither video nor audio; offer to receive at least one.")
    return kinds


def _forget_mdns_candidates(offer: SessionDescription) -> None:
    """Browsers hide their addresses behind names that take a second to look up, mostly in vain. The browser
    reaches the server first anyway, and then the server knows its address.
    """
    for part in offer.media:
        named = [candidate for candidate in part.ice_candidates if candidate.ip.endswith(".local")]
        if named:
            part.ice_candidates = [candidate for candidate in part.ice_candidates if candidate not in named]
            part.ice_candidates_complete = False


def _video_codecs() -> list[RTCRtpCodecCapability]:
    """VP8 first, the cheapest good encoder here; then H.264."""
    codecs = RTCRtpSender.getCapabilities("video").codecs
    return sorted(codecs, key=lambda codec: codec.mimeType == "video/H264")
