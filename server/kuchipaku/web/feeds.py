"""``/result_feed``: the avatar as an endless picture, for every program that shows pictures from an address."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from kuchipaku.sinks.feed import MEDIA_TYPE, FeedOptions, PictureFormat
from kuchipaku.web.models import ErrorAnswer
from kuchipaku.web.services import WithAvatar, WithServices

router = APIRouter(tags=["picture feed"], responses={503: {"model": ErrorAnswer}})

_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"content": {MEDIA_TYPE: {}}, "description": "One encoded picture per part, until closed."},
    404: {"model": ErrorAnswer},
}


def _options(
    picture_format: Annotated[
        PictureFormat, Query(alias="format", description="png and webp have alpha; jpeg has not.")
    ] = PictureFormat.PNG,
    fps: Annotated[float, Query(ge=1, le=60, description="Greatest number of pictures per second.")] = 30.0,
    background: Annotated[
        str, Query(pattern="^#?[0-9a-fA-F]{6}$", description="Colour behind the character for jpeg, rrggbb.")
    ] = "ffffff",
) -> FeedOptions:
    red, green, blue = bytes.fromhex(background.removeprefix("#"))
    return FeedOptions(picture_format, fps, (red, green, blue))


WithOptions = Annotated[FeedOptions, Depends(_options)]


@router.get(
    "/result_feed",
    summary="The default avatar as pictures",
    response_class=StreamingResponse,
    responses=_ANSWERS,
)
async def default_feed(services: WithServices, options: WithOptions) -> StreamingResponse:
    """The oldest living avatar, as a ``multipart/x-mixed-replace`` stream."""
    return StreamingResponse(services.feeds.open(services.default_avatar(), options), media_type=MEDIA_TYPE)


@router.get(
    "/api/v1/avatars/{avatar_id}/result_feed",
    summary="An avatar as pictures",
    response_class=StreamingResponse,
    responses=_ANSWERS,
)
async def avatar_feed(avatar: WithAvatar, services: WithServices, options: WithOptions) -> StreamingResponse:
    """A ``multipart/x-mixed-replace`` stream of the newest pictures."""
    return StreamingResponse(services.feeds.open(avatar, options), media_type=MEDIA_TYPE)
