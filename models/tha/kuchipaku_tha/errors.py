"""Errors that a user can act on. Every message says what is wrong and what to do."""


class KuchipakuError(Exception):
    """Base of every error that is shown to a user as it stands.

    Attributes:
        code: stable machine-readable name, kebab-case; appears in API answers.
        http_status: status under which a web layer reports it.
    """

    code = "error"
    http_status = 500


class BadInputError(KuchipakuError):
    """The caller's input cannot be used."""

    code = "bad-input"
    http_status = 422


class PictureError(BadInputError):
    """A picture cannot be read or does not meet the constraints."""

    code = "bad-picture"


class OpaquePictureError(PictureError):
    """A picture has no transparent background; one that is plain can be removed."""

    code = "opaque-picture"


class UnfitPictureError(PictureError):
    """Nothing good can come of a picture, as far as can be told; it can be compiled all the same."""

    code = "unfit-picture"


class UnknownParameterError(BadInputError):
    """A pose parameter name does not exist, or its value is not a finite number."""

    code = "unknown-pose-parameter"


class CharacterError(KuchipakuError):
    """A character folder is missing, damaged or of another format version."""

    code = "bad-character"
    http_status = 422


class UnknownCharacterError(CharacterError):
    """No character of that name is installed."""

    code = "unknown-character"
    http_status = 404


class WeightsError(KuchipakuError):
    """The teacher's weights are missing, truncated, corrupt or of the wrong shape."""

    code = "bad-weights"
    http_status = 503


class FetchError(KuchipakuError):
    """A download failed or delivered something other than what was expected."""

    code = "fetch-failed"
    http_status = 502


class MissingExtraError(KuchipakuError):
    """An optional dependency is not installed; the message names the command that adds it."""

    code = "missing-extra"
    http_status = 501


class StorageError(KuchipakuError):
    """The disk is full, or a folder cannot be written."""

    code = "storage-failed"
    http_status = 507
