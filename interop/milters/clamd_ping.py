"""`clamd_ping.py SOCKET`: ends with 0 when clamd answers there; its socket is there earlier."""

from __future__ import annotations

import socket
import sys

try:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(10)
        connection.connect(sys.argv[1])
        connection.sendall(b"zPING\0")
        sys.exit(0 if connection.recv(64).startswith(b"PONG") else 1)
except OSError:
    sys.exit(1)
