"""The command line: one module per command."""

from kuchipaku.cli.app import main

__all__ = ["main"]
