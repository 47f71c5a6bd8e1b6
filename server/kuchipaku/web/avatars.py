"""``/api/v1/avatars``: bring avatars to life, let them speak, feel and move."""

from __future__ import annotations

import secrets
from typing import Annotated

from fastapi import APIRouter, Path, Response, status

from kuchipaku.avatar import Avatar, AvatarStats
from kuchipaku.web.models import (
    AvatarInfo,
    AvatarList,
    CreateAvatar,
    ErrorAnswer,
    MakeGesture,
    SetEmotion,
    SetPose,
    Speak,
    UtteranceInfo,
)
from kuchipaku.web.services import WithAvatar, WithServices

router = APIRouter(
    prefix="/api/v1/avatars",
    tags=["avatars"],
    responses={404: {"model": ErrorAnswer}, 422: {"model": ErrorAnswer}},
)


@router.get("", summary="List the living avatars")
def list_avatars(services: WithServices) -> AvatarList:
    """Oldest first; the first one is what ``/result_feed`` shows."""
    return AvatarList(avatars=[describe(avatar) for avatar in services.registry.all()])


@router.post(
    "",
    summary="Bring a character to life",
    status_code=status.HTTP_201_CREATED,
    responses={409: {"model": ErrorAnswer}, 503: {"model": ErrorAnswer}},
)
def create_avatar(request: CreateAvatar, response: Response, services: WithServices) -> AvatarInfo:
    """The new avatar's address is in the ``Location`` header."""
    character = services.library.load(request.character)
    avatar_id = request.id or f"{request.character}-{secrets.token_hex(3)}"
    avatar = services.registry.create(avatar_id, character, size=request.size)
    response.headers["Location"] = f"/api/v1/avatars/{avatar_id}"
    return describe(avatar)


@router.get("/{avatar_id}", summary="Describe an avatar")
def get_avatar(avatar: WithAvatar) -> AvatarInfo:
    """Its character and its addresses."""
    return describe(avatar)


@router.delete("/{avatar_id}", summary="End an avatar", status_code=status.HTTP_204_NO_CONTENT)
async def delete_avatar(avatar_id: Annotated[str, Path()], services: WithServices) -> None:
    """Its viewers and feeds end too."""
    await services.remove(avatar_id)


@router.post(
    "/{avatar_id}/speak",
    summary="Say something",
    status_code=status.HTTP_202_ACCEPTED,
    responses={429: {"model": ErrorAnswer}},
)
def speak(avatar: WithAvatar, request: Speak) -> UtteranceInfo:
    """Answers as soon as the text is accepted; the websocket tells when it is being said."""
    utterance = avatar.speak(request.text, voice=request.voice, interrupt=request.interrupt)
    return UtteranceInfo(utterance_id=utterance.id, voice=utterance.voice.name, warnings=list(utterance.warnings))


@router.post("/{avatar_id}/interrupt", summary="Be silent at once", status_code=status.HTTP_204_NO_CONTENT)
def interrupt(avatar: WithAvatar) -> None:
    """Sound and mouth stop, and what was waiting to be said is forgotten."""
    avatar.interrupt()


@router.post("/{avatar_id}/emotion", summary="Show an emotion", status_code=status.HTTP_204_NO_CONTENT)
def set_emotion(avatar: WithAvatar, request: SetEmotion) -> None:
    """The face blends into it from what it shows now."""
    avatar.set_emotion(request.emotion, request.intensity, request.duration_s)


@router.post("/{avatar_id}/gesture", summary="Make a gesture", status_code=status.HTTP_204_NO_CONTENT)
def make_gesture(avatar: WithAvatar, request: MakeGesture) -> None:
    """Gestures add to what the avatar does by itself."""
    avatar.gesture(request.gesture, request.duration_s, request.strength)


@router.put("/{avatar_id}/pose", summary="Override the pose", status_code=status.HTTP_204_NO_CONTENT)
def set_pose(avatar: WithAvatar, request: SetPose) -> None:
    """Replaces the override before it; values beyond their range are clamped."""
    avatar.set_pose(request.values, request.duration_s)


@router.delete("/{avatar_id}/pose", summary="End the pose override", status_code=status.HTTP_204_NO_CONTENT)
def clear_pose(avatar: WithAvatar) -> None:
    """The avatar moves by itself again."""
    avatar.clear_pose()


@router.get("/{avatar_id}/stats", summary="Counters and times of an avatar")
def get_stats(avatar: WithAvatar) -> AvatarStats:
    """Times in milliseconds over the last frames, counters since the start."""
    return avatar.stats()


def describe(avatar: Avatar) -> AvatarInfo:
    """What the API tells about an avatar."""
    root = f"/api/v1/avatars/{avatar.id}"
    return AvatarInfo(
        id=avatar.id,
        character=avatar.character.name,
        title=avatar.character.title,
        width_px=avatar.width_px,
        height_px=avatar.height_px,
        fps=avatar.fps,
        whep=f"/whep/{avatar.id}",
        websocket=f"{root}/ws",
        result_feed=f"{root}/result_feed",
        obs=f"/obs/{avatar.id}",
    )
