"""kuchipaku: live anime avatars from one picture."""

__version__ = "0.1.0"
