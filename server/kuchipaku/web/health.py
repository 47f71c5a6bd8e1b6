"""``/health``: for those who wait until the server is up."""

from __future__ import annotations

from fastapi import APIRouter

from kuchipaku import __version__
from kuchipaku.web.models import Health
from kuchipaku.web.services import WithServices

router = APIRouter(tags=["health"])


@router.get("/health", summary="Whether the server is up")
async def health(services: WithServices) -> Health:
    """Also how many avatars, viewers and feeds it serves."""
    return Health(
        version=__version__,
        avatars=len(services.registry.all()),
        viewers=len(services.viewers),
        feed_readers=len(services.feeds),
    )
