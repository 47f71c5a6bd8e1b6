"""What the compiling process tells the server: one JSON object a line on its standard output."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field, TypeAdapter

from kuchipaku.compiling.examination import Examination


class Advanced(BaseModel):
    """How far it is; see :class:`kuchipaku_tha.progress.Progress`."""

    kind: Literal["advanced"] = "advanced"
    quality: str
    stage: str
    words: str
    done: float
    total: float
    samples: int


class Examined(BaseModel):
    """What there is to know about a picture."""

    kind: Literal["examined"] = "examined"
    examination: Examination


class Usable(BaseModel):
    """The character's folder is there in this quality."""

    kind: Literal["usable"] = "usable"
    quality: str


class Failed(BaseModel):
    """It cannot go on, for a reason that a user can act on; see :class:`kuchipaku_tha.errors.KuchipakuError`."""

    kind: Literal["failed"] = "failed"
    code: str
    http_status: int
    message: str


Message = Annotated[Advanced | Examined | Usable | Failed, Field(discriminator="kind")]
MESSAGES: TypeAdapter[Message] = TypeAdapter(Message)
