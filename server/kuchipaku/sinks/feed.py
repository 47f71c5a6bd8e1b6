"""The picture feed: multipart/x-mixed-replace, one encoded picture per part, always the newest."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

import cv2

from kuchipaku.alpha import composite, unpremultiply
from kuchipaku.mailbox import MailboxClosedError
from kuchipaku.sinks.source import FrameSource
from kuchipaku.types import Frame
from kuchipaku_tha.errors import KuchipakuError
from kuchipaku_tha.morpher import PremultipliedRgba

BOUNDARY = "frame"
MEDIA_TYPE = f"multipart/x-mixed-replace; boundary={BOUNDARY}"
READER_LIMIT = 16
ENCODER_THREADS = 2

_PNG_LEVEL = 1
_WEBP_QUALITY = 80
_JPEG_QUALITY = 85


class PictureFormat(StrEnum):
    """How a feed's pictures are encoded; JPEG has no alpha."""

    PNG = "png"
    WEBP = "webp"
    JPEG = "jpeg"


class TooManyReadersError(KuchipakuError):
    """The server already has as many picture feeds as it serves."""

    code = "too-many-readers"
    http_status = 503


@dataclass(frozen=True, slots=True)
class FeedOptions:
    """What a reader wants.

    Attributes:
        picture_format: how pictures are encoded.
        fps: greatest number of pictures per second.
        background_rgb: colour behind the character, sRGB, for JPEG.
    """

    picture_format: PictureFormat = PictureFormat.PNG
    fps: float = 30.0
    background_rgb: tuple[int, int, int] = (255, 255, 255)


class Feeds:
    """All the picture feeds of the server, at most ``limit`` at a time; they share a few encoder threads.

    Nothing queues: a reader that is slower than the avatar gets the newest picture when it is ready for one.
    """

    def __init__(self, limit: int = READER_LIMIT) -> None:
        self._limit = limit
        self._readers = 0
        self._encoders = ThreadPoolExecutor(ENCODER_THREADS, thread_name_prefix="feed")

    def __len__(self) -> int:
        return self._readers

    def open(self, source: FrameSource, options: FeedOptions) -> AsyncIterator[bytes]:
        """The body of a multipart answer, part by part, until the avatar closes.

        Raises:
            TooManyReadersError: the limit is reached.
        """
        if self._readers >= self._limit:
            raise TooManyReadersError(f"All {self._limit} picture feeds are taken; close another one first.")
        return self._parts(source, options)

    def close(self) -> None:
        """Stop encoding."""
        self._encoders.shutdown(cancel_futures=True)

    async def _parts(self, source: FrameSource, options: FeedOptions) -> AsyncIterator[bytes]:
        self._readers += 1
        frames = source.subscribe_frames()
        pace = _Pace(options.fps)
        try:
            yield f"--{BOUNDARY}\r\n".encode()
            while True:
                frame = await frames.get_async()
                if pace.admits(frame):
                    yield await self._part(frame, options)
        except MailboxClosedError:
            return
        finally:
            source.unsubscribe_frames(frames)
            self._readers -= 1

    async def _part(self, frame: Frame, options: FeedOptions) -> bytes:
        loop = asyncio.get_running_loop()
        picture = await loop.run_in_executor(self._encoders, encode_picture, frame.rgba, options)
        return _part(picture, options.picture_format)


class _Pace:
    """Chooses frames so that about ``fps`` of them pass per second."""

    def __init__(self, fps: float) -> None:
        self._interval_s = 1 / fps
        self._due_s = 0.0

    def admits(self, frame: Frame) -> bool:
        slack_s = 0.2 * self._interval_s
        if frame.time_s < self._due_s - slack_s:
            return False
        self._due_s = max(self._due_s, frame.time_s - self._interval_s) + self._interval_s
        return True


def encode_picture(rgba: PremultipliedRgba, options: FeedOptions) -> bytes:
    """Encode one picture: PNG and WebP with straight alpha, JPEG over the background colour.

    Args:
        rgba: premultiplied picture; it is not changed.
        options: format and background.
    """
    return _ENCODERS[options.picture_format](rgba, options)


def _encode_png(rgba: PremultipliedRgba, _options: FeedOptions) -> bytes:
    bgra = cv2.cvtColor(unpremultiply(rgba), cv2.COLOR_RGBA2BGRA)
    return cv2.imencode(".png", bgra, [cv2.IMWRITE_PNG_COMPRESSION, _PNG_LEVEL])[1].tobytes()


def _encode_webp(rgba: PremultipliedRgba, _options: FeedOptions) -> bytes:
    bgra = cv2.cvtColor(unpremultiply(rgba), cv2.COLOR_RGBA2BGRA)
    return cv2.imencode(".webp", bgra, [cv2.IMWRITE_WEBP_QUALITY, _WEBP_QUALITY])[1].tobytes()


def _encode_jpeg(rgba: PremultipliedRgba, options: FeedOptions) -> bytes:
    bgr = cv2.cvtColor(composite(rgba, options.background_rgb), cv2.COLOR_RGB2BGR)
    return cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])[1].tobytes()


_ENCODERS: Mapping[PictureFormat, Callable[[PremultipliedRgba, FeedOptions], bytes]] = MappingProxyType(
    {
        PictureFormat.PNG: _encode_png,
        PictureFormat.WEBP: _encode_webp,
        PictureFormat.JPEG: _encode_jpeg,
    }
)


def _part(picture: bytes, picture_format: PictureFormat) -> bytes:
    """Headers, picture and the next boundary: browsers show a part only once its end is certain."""
    head = f"Content-Type: image/{picture_format}\r\nContent-Length: {len(picture)}\r\n\r\n"
    return head.encode() + picture + f"\r\n--{BOUNDARY}\r\n".encode()
