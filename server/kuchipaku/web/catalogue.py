"""What there is to choose from: characters, emotions, gestures, pose parameters."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import FileResponse

from kuchipaku.characters import CharacterLibrary
from kuchipaku.emotions import EMOTIONS
from kuchipaku.gestures import GESTURES
from kuchipaku.web.models import (
    CharacterInfo,
    CharacterList,
    ErrorAnswer,
    NameList,
    PoseParameterInfo,
    PoseParameterList,
)
from kuchipaku.web.services import WithServices
from kuchipaku_tha.errors import CharacterError
from kuchipaku_tha.pose import PARAMETERS

router = APIRouter(prefix="/api/v1", tags=["catalogue"])


@router.get("/characters", summary="List the installed characters")
def list_characters(services: WithServices) -> CharacterList:
    """Also those that cannot be used, with the reason."""
    library = services.library
    return CharacterList(characters=[_describe(library, name) for name in library.names()])


@router.get(
    "/characters/{name}/preview.png",
    summary="A character's picture",
    response_class=FileResponse,
    responses={200: {"content": {"image/png": {}}}, 404: {"model": ErrorAnswer}},
)
def preview(services: WithServices, name: Annotated[str, Path(max_length=64)]) -> FileResponse:
    """PNG with alpha."""
    return FileResponse(services.library.preview_path(name), media_type="image/png")


@router.get("/emotions", summary="List the emotions")
async def list_emotions() -> NameList:
    """The 28 go-emotions labels."""
    return NameList(names=list(EMOTIONS))


@router.get("/gestures", summary="List the gestures")
async def list_gestures() -> NameList:
    """Short movements of the head."""
    return NameList(names=list(GESTURES))


@router.get("/pose-parameters", summary="List the pose parameters")
async def list_pose_parameters() -> PoseParameterList:
    """THA3's 45 parameters with their ranges."""
    return PoseParameterList(
        parameters=[
            PoseParameterInfo(name=parameter.name, low=parameter.low, high=parameter.high, group=parameter.group)
            for parameter in PARAMETERS
        ]
    )


def _describe(library: CharacterLibrary, name: str) -> CharacterInfo:
    preview_url = f"/api/v1/characters/{name}/preview.png"
    try:
        return CharacterInfo(name=name, title=library.facts(name).title, preview=preview_url)
    except CharacterError as error:
        return CharacterInfo(name=name, title=name, preview=preview_url, problem=str(error))
