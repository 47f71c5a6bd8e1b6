"""Rectangles of pixel arrays."""

from __future__ import annotations

from typing import TypeAlias

Area: TypeAlias = tuple[slice, slice]
"""Rows and columns of a rectangle."""
