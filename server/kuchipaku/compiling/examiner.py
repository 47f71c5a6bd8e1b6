"""Having a picture examined by a process of its own, which large or hostile files may bring down without harm."""

from __future__ import annotations

import logging
import subprocess
from collections.abc import Sequence

from pydantic import ValidationError

from kuchipaku.compiling.examination import Examination
from kuchipaku.compiling.messages import MESSAGES, Examined, Failed
from kuchipaku.compiling.request import REQUESTS, ExamineRequest
from kuchipaku_tha.errors import KuchipakuError, PictureError

_logger = logging.getLogger(__name__)

TIMEOUT_S = 120.0


class ExaminationError(KuchipakuError):
    """What the examining process reported."""

    def __init__(self, failed: Failed) -> None:
        super().__init__(failed.message)
        self.code = failed.code
        self.http_status = failed.http_status


def examine_apart(request: ExamineRequest, command: Sequence[str]) -> Examination:
    """Examine a picture; takes some seconds, and may be called from any thread.

    Args:
        request: the picture and what is known of it.
        command: starts a worker, see :mod:`kuchipaku.compiling.worker`.

    Raises:
        ExaminationError: the picture cannot be used; code and status are those of the error in the process.
        PictureError: it could not be examined at all.
    """
    try:
        process = subprocess.run(  # noqa: S603 - our own program
            list(command),
            input=REQUESTS.dump_json(request).decode() + "\n",
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=TIMEOUT_S,
            check=False,
        )
        message = MESSAGES.validate_json(process.stdout.strip().splitlines()[-1])
    except (subprocess.TimeoutExpired, OSError, IndexError, ValidationError) as error:
        _logger.exception("A picture was not examined")
        raise PictureError("The picture could not be examined; the server's log says more. Try another one.") from error
    match message:
        case Examined():
            return message.examination
        case Failed():
            raise ExaminationError(message)
        case _:
            raise PictureError("The picture could not be examined. Try again.")
