"""The machine that a figure was measured on."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import psutil

LIBRARIES = ("numpy", "opencv-python-headless", "onnxruntime", "av", "aiortc")


@dataclass(frozen=True, slots=True)
class Machine:
    """What a benchmark names beside its figures.

    Attributes:
        cpu: model name.
        cores: that this process may use.
        memory_gb: main memory in GiB.
        system: operating system and its version.
        python: version of the interpreter.
        libraries: version of each library that does the work.
    """

    cpu: str
    cores: int
    memory_gb: float
    system: str
    python: str
    libraries: dict[str, str]


def this_machine() -> Machine:
    """Describe the machine that runs this process."""
    return Machine(
        cpu=_cpu_model(),
        cores=usable_cores(),
        memory_gb=round(psutil.virtual_memory().total / 2**30, 1),
        system=platform.platform(terse=True),
        python=platform.python_version(),
        libraries={name: version(name) for name in LIBRARIES},
    )


def usable_cores() -> int:
    """Cores that this process may run on."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else psutil.cpu_count() or 1


def peak_memory_mb() -> float:
    """The most memory that this process has held so far, in MiB."""
    if sys.platform == "win32":
        peak_bytes: int = psutil.Process().memory_info().peak_wset
        return peak_bytes / 2**20
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10


def _cpu_model() -> str:
    """The processor's name as its maker gives it, else its architecture."""
    read = {"Linux": _cpu_of_linux, "Darwin": _cpu_of_macos}.get(platform.system(), platform.processor)
    return read() or platform.machine()


def _cpu_of_linux() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")


def _cpu_of_macos() -> str:
    command = ["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603
