"""Every error answer has one shape: ``{"error": {"code": …, "message": …}}``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from kuchipaku_tha.errors import KuchipakuError

_CODES = {404: "not-found", 405: "method-not-allowed", 413: "too-large", 415: "unsupported-media-type"}


def error_body(code: str, message: str) -> dict[str, dict[str, str]]:
    """The JSON body of an error answer."""
    return {"error": {"code": code, "message": message}}


def validation_message(errors: Sequence[Any]) -> str:
    """One readable sentence per problem that pydantic found, at most three."""
    sentences = []
    for error in errors[:3]:
        place = ".".join(str(part) for part in error["loc"] if part not in ("body", "query", "path"))
        text = error.get("ctx", {}).get("error") if error["type"] == "json_invalid" else error["msg"]
        sentences.append(f"{place}: {text}" if place else str(text))
    return "; ".join(sentences) + "."


def install_error_handlers(app: FastAPI) -> None:
    """Make the app answer all errors in the one shape."""
    app.add_exception_handler(KuchipakuError, _known)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


async def _known(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, KuchipakuError)  # noqa: S101 - narrows the handler's type
    return JSONResponse(error_body(error.code, str(error)), error.http_status)


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - narrows the handler's type
    problems = error.errors()
    if any(problem["type"] == "json_invalid" for problem in problems):
        message = "The body is not valid JSON: " + validation_message(problems)
        return JSONResponse(error_body("bad-json", message), 400)
    return JSONResponse(error_body("bad-request", validation_message(problems)), 422)


async def _http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - narrows the handler's type
    code = _CODES.get(error.status_code, f"http-{error.status_code}")
    return JSONResponse(error_body(code, str(error.detail)), error.status_code, headers=error.headers)


async def _unexpected(_request: Request, _error: Exception) -> JSONResponse:
    message = "The server met an error it did not expect; its log says more."
    return JSONResponse(error_body("internal-error", message), 500)
