"""What the API takes and gives, as JSON."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from kuchipaku.gestures import LONGEST_S
from kuchipaku_tha.framing import FrameSize

NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"

Intensity = Annotated[float, Field(ge=0, le=1)]
DurationS = Annotated[float, Field(gt=0, le=3600)]
Name = Annotated[str, Field(min_length=1, max_length=64)]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class CreateAvatar(_Request):
    """Which character to bring to life."""

    character: Annotated[Name, Field(description="Name of an installed character.")]
    id: Annotated[
        str | None, Field(pattern=NAME_PATTERN, description="Name of the new avatar; chosen for you if absent.")
    ] = None
    size: Annotated[
        FrameSize | None,
        Field(description="Longer side of its pictures in px, or own; absent: the picture's own, at most 512."),
    ] = None


class Speak(_Request):
    """Something to say."""

    text: Annotated[str, Field(max_length=1_000_000, description="Any length; spoken sentence by sentence.")]
    voice: Annotated[Name | None, Field(description="Name of a voice; the default one if absent.")] = None
    interrupt: Annotated[bool, Field(description="Say it at once instead of after what is being said.")] = False


class SetEmotion(_Request):
    """An emotion to show."""

    emotion: Annotated[Name, Field(description="One of the 28 go-emotions labels, see /api/v1/emotions.")]
    intensity: Intensity = 1.0
    duration_s: Annotated[
        DurationS | None, Field(description="After which the face is neutral again; held if absent.")
    ] = None


class MakeGesture(_Request):
    """A short movement of the head."""

    gesture: Annotated[Name, Field(description="See /api/v1/gestures.")]
    duration_s: Annotated[float, Field(ge=0.2, le=LONGEST_S)] = 0.9
    strength: Intensity = 1.0


class SetPose(_Request):
    """Pose values that replace what the avatar would do by itself."""

    values: Annotated[
        dict[str, float],
        Field(min_length=1, max_length=45, description="Parameter name to value, see /api/v1/pose-parameters."),
    ]
    duration_s: Annotated[
        DurationS | None, Field(description="After which the avatar moves by itself again; held if absent.")
    ] = None
    size: Annotated[
        FrameSize | None,
        Field(description="Longer side of its pictures in px, or own; absent: the picture's own, at most 512."),
    ] = None


class SpeakCommand(Speak):
    """Websocket: say something."""

    command: Literal["speak"]


class InterruptCommand(_Request):
    """Websocket: be silent at once."""

    command: Literal["interrupt"]


class EmotionCommand(SetEmotion):
    """Websocket: show an emotion."""

    command: Literal["emotion"]


class GestureCommand(MakeGesture):
    """Websocket: make a gesture."""

    command: Literal["gesture"]


class PoseCommand(SetPose):
    """Websocket: override the pose."""

    command: Literal["pose"]


class ClearPoseCommand(_Request):
    """Websocket: move by yourself again."""

    command: Literal["clear-pose"]


Command = Annotated[
    SpeakCommand | InterruptCommand | EmotionCommand | GestureCommand | PoseCommand | ClearPoseCommand,
    Field(discriminator="command"),
]


class ErrorDetail(BaseModel):
    """What went wrong."""

    code: Annotated[str, Field(description="Stable machine-readable name, kebab-case.")]
    message: Annotated[str, Field(description="What is wrong and what to do about it.")]


class ErrorAnswer(BaseModel):
    """The body of every error answer."""

    error: ErrorDetail


class CharacterInfo(BaseModel):
    """A character that is installed."""

    name: str
    title: str
    preview: Annotated[str, Field(description="Address of a picture, PNG.")]
    problem: Annotated[str | None, Field(description="Why it cannot be used; null if it can.")] = None


class CharacterList(BaseModel):
    """All installed characters."""

    characters: list[CharacterInfo]


class AvatarInfo(BaseModel):
    """A living avatar and its addresses."""

    id: str
    character: str
    title: str
    width_px: Annotated[int, Field(description="Width of its pictures.")]
    height_px: Annotated[int, Field(description="Height of its pictures.")]
    fps: Annotated[float, Field(description="Frames it draws per second.")]
    whep: Annotated[str, Field(description="Where to POST an SDP offer.")]
    websocket: str
    result_feed: str
    obs: Annotated[str, Field(description="Page for OBS' browser source.")]


class AvatarList(BaseModel):
    """All living avatars; the first is the default one."""

    avatars: list[AvatarInfo]


class UtteranceInfo(BaseModel):
    """Something that is going to be said; events carry its number."""

    utterance_id: int
    voice: Annotated[str, Field(description="Who speaks it.")]
    warnings: Annotated[list[str], Field(description="What is left out, and why.")]


class NameList(BaseModel):
    """Names."""

    names: list[str]


class PoseParameterInfo(BaseModel):
    """One of THA3's pose parameters."""

    name: str
    low: float
    high: float
    group: str


class PoseParameterList(BaseModel):
    """All 45 pose parameters, in their order."""

    parameters: list[PoseParameterInfo]


class Health(BaseModel):
    """That the server is up, and how busy it is."""

    status: Literal["ok"] = "ok"
    version: str
    avatars: int
    viewers: Annotated[int, Field(description="WebRTC sessions.")]
    feed_readers: int
