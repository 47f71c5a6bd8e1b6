"""What is installed, what is missing, and how to get it."""

from kuchipaku.doctor.examine import examine
from kuchipaku.doctor.finding import Finding, works

__all__ = ["Finding", "examine", "works"]
