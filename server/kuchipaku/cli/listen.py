"""Opening the port that the server listens on."""

from __future__ import annotations

import errno
import socket
import sys

from kuchipaku_tha.errors import KuchipakuError

ANY_HOSTS = {"0.0.0.0", "::", ""}  # noqa: S104
"""Hosts that stand for every address of this machine."""


BACKLOG = 128
"""Connections that may wait while the server starts; the system refuses more."""


class ListenError(KuchipakuError):
    """The address cannot be listened on."""

    code = "cannot-listen"


def listen(host: str, port: int) -> socket.socket:
    """A socket that accepts connections at the address, so that a port in use is found before anything else is started.

    Args:
        host: an address of this machine or a name for one.
        port: 0 takes any free one.

    Raises:
        ListenError: the port is in use or not permitted, or the host is none of this machine's.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise ListenError(
            f"There is no address {host!r} ({error}). Use --host 127.0.0.1, or 0.0.0.0 for all."
        ) from error
    opened = socket.socket(family, kind, protocol)
    if sys.platform != "win32":  # there the option would let two servers share a port
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind(address)
        opened.listen(BACKLOG)
    except OSError as error:
        opened.close()
        raise ListenError(_explain(error, host, port)) from error
    return opened


def base_url(host: str, opened: socket.socket) -> str:
    """The address under which a browser on this machine reaches the socket."""
    shown = "127.0.0.1" if host in ANY_HOSTS else f"[{host}]" if ":" in host else host
    return f"http://{shown}:{opened.getsockname()[1]}"


def _explain(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} of {host} is in use, perhaps by a kuchipaku that is running already: look at "
            f"http://{host}:{port}. To use another port: kuchipaku serve --port {port + 1 if port < 65535 else 5100}"
        )
    if error.errno == errno.EACCES:
        return f"This account may not listen on port {port}. Use one above 1023: kuchipaku serve --port 5100"
    return f"{host} is no address of this machine ({error.strerror}). Use --host 127.0.0.1, or 0.0.0.0 for all."
