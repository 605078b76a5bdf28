"""Ports for programs that are started here and listen a moment later.

The system gives numbers of its own range (from 32768 on Linux, 49152 elsewhere) to every connection that leaves the
machine, so a port that was seen free there may be taken before the program listens. These lie below."""

import random
import socket
from collections import deque

HOST = "127.0.0.1"
RANGE = range(20_000, 32_000)
# As many as a campaign or a run of tests has in use at once, with room; open files are few on some systems.
MANY = 200

_claims: deque[socket.socket] = deque()


def reserve_port() -> int:
    """A port on which nobody listens, and which no other process that asks here is given.

    The claim is the same number for datagrams, which no program here uses: it ends with this process, however it
    ends, or when it has asked MANY times more. Raises OSError when all are taken."""
    for port in random.sample(RANGE, len(RANGE)):
        claim = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            claim.bind((HOST, port))
            # Where a socket that was closed still lingers, a server can listen all the same: create_server says so.
            socket.create_server((HOST, port)).close()
        except OSError:
            claim.close()
            continue
        _claims.append(claim)
        if len(_claims) > MANY:
            _claims.popleft().close()
        return port
    raise OSError(f"every port from {RANGE.start} to {RANGE.stop - 1} is in use")
