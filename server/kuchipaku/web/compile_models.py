"""What the API tells about pictures and compiles, as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from kuchipaku.compiling.examination import Examination
from kuchipaku.compiling.job import JobReport
from kuchipaku.web.models import ErrorDetail
from kuchipaku_tha.advice.advice import Advice, Severity
from kuchipaku_tha.placement import Box

_Coordinate = Annotated[float, Field(gt=-1e6, lt=1e6)]
_Length = Annotated[float, Field(gt=0, lt=1e6)]


class PictureArea(BaseModel):
    """An upright rectangle in pixels of a picture; it may reach beyond the picture."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    left_px: _Coordinate
    top_px: _Coordinate
    width_px: _Length
    height_px: _Length

    def box(self) -> Box:
        """The same for the compiler."""
        return Box(self.left_px, self.top_px, self.width_px, self.height_px)


class AdviceInfo(BaseModel):
    """Something about a picture that will make the character worse."""

    code: Annotated[str, Field(description="Stable machine-readable name, kebab-case.")]
    severity: Annotated[Severity, Field(description="The worst is error: nothing good can come of it.")]
    reason: Annotated[str, Field(description="What is the matter, and why it matters.")]
    remedy: Annotated[str, Field(description="What to do about it.")]
    area: Annotated[PictureArea | None, Field(description="Where in the picture.")] = None


class PictureInfo(BaseModel):
    """A picture that can become a character."""

    width_px: int
    height_px: Annotated[int, Field(description="Large pictures are scaled down before they are used.")]
    head: Annotated[PictureArea, Field(description="From the top of the hair to the chin.")]
    seen: Annotated[PictureArea, Field(description="What the animator sees of it; the rest moves along.")]
    advice: list[AdviceInfo]


class CompileInfo(BaseModel):
    """A picture that becomes a character."""

    id: str
    character: Annotated[str, Field(description="Name of the character, to bring it to life once it is usable.")]
    title: str
    state: Literal["waiting", "running", "finished", "failed", "cancelled"]
    jobs_ahead: Annotated[int, Field(description="Compiles that come before it.")]
    usable: Annotated[bool, Field(description="Whether the character can be shown, in the quality reached so far.")]
    quality: Annotated[str, Field(description="That is being worked on: a draft first, then the finished character.")]
    stage: Annotated[str, Field(description="waiting, loading, faces, turns, fitting or writing.")]
    words: Annotated[str, Field(description="What is being done, for people.")]
    fraction: Annotated[float, Field(description="Finished share of this quality, 0 to 1.")]
    seconds_left: Annotated[float | None, Field(description="Until this quality is finished; null while unknown.")]
    head: Annotated[PictureArea | None, Field(description="Where its head is taken to be.")]
    error: Annotated[ErrorDetail | None, Field(description="Why it failed; null if it did not.")]
    advice: Annotated[list[AdviceInfo], Field(description="What might be better about the picture, the worst first.")]
    events: Annotated[str, Field(description="Address that tells about every change, as server-sent events.")]


class CompileList(BaseModel):
    """All compiles that are remembered, oldest first."""

    compiles: list[CompileInfo]


def describe_picture(examination: Examination) -> PictureInfo:
    """What the API tells about a picture."""
    return PictureInfo(
        width_px=examination.width_px,
        height_px=examination.height_px,
        head=_area(examination.head),
        seen=_area(examination.seen),
        advice=_describe_advice(examination.advice),
    )


def describe_compile(report: JobReport) -> CompileInfo:
    """What the API tells about a compile."""
    request = report.request
    return CompileInfo(
        id=report.id,
        character=request.name,
        title=request.title,
        state=report.state.value,
        jobs_ahead=report.jobs_ahead,
        usable=report.usable,
        quality=report.quality,
        stage=report.stage,
        words=report.words,
        fraction=report.fraction,
        seconds_left=report.seconds_left,
        head=None if request.head is None else _area(request.head),
        error=None if report.error is None else ErrorDetail(code=report.error.code, message=report.error.message),
        advice=_describe_advice(report.advice),
        events=f"/api/v1/compiles/{report.id}/events",
    )


def _describe_advice(advice: Iterable[Advice]) -> list[AdviceInfo]:
    return [
        AdviceInfo(
            code=one.code,
            severity=one.severity,
            reason=one.reason,
            remedy=one.remedy,
            area=None if one.area is None else _area(one.area),
        )
        for one in advice
    ]


def _area(box: Box) -> PictureArea:
    return PictureArea(left_px=box.left_px, top_px=box.top_px, width_px=box.width_px, height_px=box.height_px)
