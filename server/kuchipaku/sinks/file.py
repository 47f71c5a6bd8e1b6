"""WebM files with a transparent background: VP9 with alpha and Opus."""

from __future__ import annotations

import contextlib
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import cv2
import numpy as np
from av.audio.fifo import AudioFifo
from av.video.reformatter import ColorRange, Colorspace

from kuchipaku.alpha import unpremultiply
from kuchipaku.types import SAMPLE_RATE_HZ, Frame, Samples
from kuchipaku_tha.errors import BadInputError, KuchipakuError
from kuchipaku_tha.morpher import PremultipliedRgba, StraightRgba

OPUS_BIT_RATE = 96_000
VP9_OPTIONS = {
    "crf": "24",
    "b": "0",  # constant quality: no target bit rate
    "deadline": "realtime",
    "cpu-used": "6",
    "row-mt": "1",
    "auto-alt-ref": "0",  # libvpx refuses alpha together with alternate reference frames
}
COARSE = 4
"""Pixels, along one side, of a cell of the grid on which colour is carried into transparent surroundings."""
NEAR_CELLS = 5
"""Side, in such cells, of the square from which a transparent pixel takes its colour."""
FULLY_CLEAR = (0, 0, 0, 0), (255, 255, 255, 0)
"""Lower and upper bound of RGBA values that are wholly transparent."""


class FileSinkError(KuchipakuError):
    """The file cannot be written."""

    code = "cannot-write-file"


class WebmWriter:
    """Writes one avatar's frames and sound. Sound and frames both begin at the file's start.

    Colour is stored straight (not multiplied by alpha), as browsers, OBS and FFmpeg expect it of WebM;
    BT.601, limited range. The file appears under its name only when it is complete.

    Args:
        path: must end in ``.webm``.
        size_px: width and height of the frames, both even.
        fps: frames per second; frame n is shown from n / fps.

    Raises:
        BadInputError: the name does not end in ``.webm``.
        FileSinkError: the file cannot be created; also on leaving the ``with`` block, when writing it failed.
    """

    def __init__(self, path: Path, *, size_px: tuple[int, int], fps: float) -> None:
        if path.suffix.lower() != ".webm":
            raise BadInputError(
                f"{path} does not end in .webm, the one file type with alpha and sound that is written."
            )
        self._path = path
        self._part = path.with_name(f"{path.name}.part")
        try:
            self._file = self._part.open("wb")
        except OSError as error:
            raise _cannot_write(path, error) from error
        self._container = av.open(self._file, "w", format="webm")
        self._video = self._container.add_stream("libvpx-vp9", Fraction(fps).limit_denominator(1001), VP9_OPTIONS)
        self._video.width, self._video.height = size_px
        self._video.pix_fmt = "yuva420p"
        self._video.metadata["alpha_mode"] = "1"
        context = self._video.codec_context
        context.color_range, context.colorspace = ColorRange.MPEG, Colorspace.ITU601
        context.time_base = 1 / Fraction(fps).limit_denominator(1001)
        self._audio = self._container.add_stream("libopus", SAMPLE_RATE_HZ, layout="mono")
        self._audio.bit_rate = OPUS_BIT_RATE
        self._unsent = AudioFifo()
        self._frames = 0
        self._samples = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if error is None:
            self.close()
            return
        self.discard()
        if isinstance(error, OSError):
            raise _cannot_write(self._path, error) from error

    @property
    def duration_s(self) -> float:
        """Seconds of video written so far."""
        return float(self._frames * self._video.codec_context.time_base)

    def write_frame(self, frame: Frame) -> None:
        """Append a picture; it is shown 1 / fps after the one before, whatever ``frame.time_s`` says."""
        picture = av.VideoFrame.from_ndarray(straight_with_filled_edges(frame.rgba), format="rgba")
        picture = picture.reformat(format="yuva420p", dst_colorspace=Colorspace.ITU601, dst_color_range=ColorRange.MPEG)
        picture.pts = self._frames
        picture.time_base = self._video.codec_context.time_base
        self._frames += 1
        self._container.mux(self._video.encode(picture))

    def write_sound(self, samples: Samples) -> None:
        """Append sound, any number of samples."""
        sound = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples)[None], format="flt", layout="mono")
        sound.sample_rate = SAMPLE_RATE_HZ
        sound.time_base = Fraction(1, SAMPLE_RATE_HZ)
        sound.pts = self._samples
        self._samples += len(samples)
        self._unsent.write(sound)
        self._encode_sound(partial=False)

    def close(self) -> None:
        """Finish the file and give it its name."""
        self._encode_sound(partial=True)
        self._container.mux(self._video.encode(None))
        self._container.mux(self._audio.encode(None))
        self._container.close()
        self._file.close()
        self._part.replace(self._path)

    def discard(self) -> None:
        """Stop and leave nothing behind."""
        with contextlib.suppress(OSError):  # the trailer of a file that is thrown away
            self._container.close()
        self._file.close()
        self._part.unlink(missing_ok=True)

    def _encode_sound(self, *, partial: bool) -> None:
        for sound in self._unsent.read_many(self._audio.codec_context.frame_size or 960, partial):
            self._container.mux(self._audio.encode(sound))


def _cannot_write(path: Path, error: OSError) -> FileSinkError:
    return FileSinkError(f"{path} cannot be written: {error.strerror or error}. Choose another place with -o.")


def straight_with_filled_edges(rgba: PremultipliedRgba) -> StraightRgba:
    """Straight alpha, with the figure's colour carried a few pixels into its transparent surroundings.

    Video halves the colour's resolution, so without this the (black) colour of transparent pixels would show
    as a dark seam around the figure. Alpha itself is unchanged.
    """
    straight = unpremultiply(rgba)
    size = (rgba.shape[1], rgba.shape[0])
    coarse = cv2.resize(rgba.astype(np.float32), None, fx=1 / COARSE, fy=1 / COARSE, interpolation=cv2.INTER_AREA)
    near = cv2.boxFilter(coarse, -1, (NEAR_CELLS, NEAR_CELLS))
    colour = near * (255 / np.maximum(near[..., 3:], 1e-3))
    colour[..., 3] = 0
    filling = cv2.resize(cv2.convertScaleAbs(colour), size, interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.copyTo(filling, cv2.inRange(rgba, *FULLY_CLEAR), straight), np.uint8)
