"""WHEP: WebRTC playback negotiated by one HTTP request.

Follows draft-ietf-wish-whep. Candidates travel in the offer and the answer; there is no trickle ICE, so PATCH is
answered with 405, as the draft prescribes.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response, status
from starlette.exceptions import HTTPException

from kuchipaku.sinks.webrtc import BadOfferError
from kuchipaku.web.models import ErrorAnswer
from kuchipaku.web.services import WithAvatar, WithServices

SDP = "application/sdp"
OFFER_LIMIT_BYTES = 64_000

router = APIRouter(prefix="/whep", tags=["whep"], responses={404: {"model": ErrorAnswer}})

_OFFER_BODY = {"requestBody": {"required": True, "content": {SDP: {"schema": {"type": "string"}}}}}


@router.post(
    "/{avatar_id}",
    summary="Watch an avatar over WebRTC",
    status_code=status.HTTP_201_CREATED,
    response_class=Response,
    responses={
        201: {"content": {SDP: {}}, "description": "The SDP answer; Location names the session."},
        400: {"model": ErrorAnswer},
        415: {"model": ErrorAnswer},
        503: {"model": ErrorAnswer},
    },
    openapi_extra=_OFFER_BODY,
)
async def watch(request: Request, avatar: WithAvatar, services: WithServices) -> Response:
    """Takes an SDP offer to receive video and audio, with all its candidates.

    The video holds colour on top and alpha below; see ``client_web/alpha_canvas.js`` for how to combine them.
    """
    offer = await _read_offer(request)
    viewer, answer = await services.viewers.admit(avatar, offer)
    location = f"/whep/{avatar.id}/{viewer.viewer_id}"
    return Response(answer, status.HTTP_201_CREATED, {"Location": location}, media_type=SDP)


@router.options("/{avatar_id}", summary="What may be posted here", status_code=status.HTTP_204_NO_CONTENT)
async def options(avatar: WithAvatar, response: Response) -> None:  # noqa: ARG001 - answers 404 for unknown avatars
    """``Accept-Post`` names the media type."""
    response.headers["Accept-Post"] = SDP


@router.delete("/{avatar_id}/{session_id}", summary="Stop watching")
async def leave(
    avatar_id: Annotated[str, Path()],  # noqa: ARG001 - part of the address
    session_id: Annotated[str, Path()],
    services: WithServices,
) -> Response:
    """Ends the session."""
    await services.viewers.leave(session_id)
    return Response(status_code=status.HTTP_200_OK)


async def _read_offer(request: Request) -> str:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != SDP:
        raise HTTPException(415, f"Send the SDP offer as {SDP}, not {media_type or 'without a Content-Type'}.")
    body = await request.body()
    if len(body) > OFFER_LIMIT_BYTES:
        raise HTTPException(413, f"An SDP offer may have at most {OFFER_LIMIT_BYTES:,} bytes.")
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise BadOfferError("The SDP offer is not UTF-8 text.") from None
