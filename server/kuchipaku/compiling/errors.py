"""What can be wrong with asking for a compile."""

from __future__ import annotations

from kuchipaku_tha.errors import BadInputError, KuchipakuError


class UnknownCompileError(KuchipakuError):
    """No compile of that id is known."""

    code = "unknown-compile"
    http_status = 404


class CharacterExistsError(BadInputError):
    """The name is taken."""

    code = "character-exists"
    http_status = 409


class CharacterInUseError(KuchipakuError):
    """The character is being compiled."""

    code = "character-in-use"
    http_status = 409


class TooManyCompilesError(KuchipakuError):
    """No more compiles fit into the queue."""

    code = "too-many-compiles"
    http_status = 503


class TooManyFollowersError(KuchipakuError):
    """No more readers may follow a compile."""

    code = "too-many-followers"
    http_status = 503
