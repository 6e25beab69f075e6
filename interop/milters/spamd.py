"""`spamd.py SOCKET`: as much of spamd as spamc asks, over a unix socket; only GTUBE is spam.

An answer is the message with three fields above it, as SpamAssassin writes them."""

from __future__ import annotations

import socketserver
import sys

GTUBE = b"XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
MAX_MESSAGE = 64 * 1024 * 1024


class Scan(socketserver.StreamRequestHandler):
    """One request: a command line, headers, an empty line, the message to the end of input."""

    def handle(self) -> None:
        command = self.rfile.readline(1000).split(b" ", 1)[0]
        while self.rfile.readline(1000).strip():
            pass
        if command == b"PING":
            self.wfile.write(b"SPAMD/1.5 0 PONG\r\n")
            return
        self.wfile.write(answer(self.rfile.read(MAX_MESSAGE)))


def answer(message: bytes) -> bytes:
    """The answer to PROCESS."""
    spam = GTUBE in message
    score = b"1000.0" if spam else b"0.0"
    word, judged = (b"Yes", b"True") if spam else (b"No", b"False")
    end = b"\r\n" if b"\r\n" in message else b"\n"
    fields = [
        *([b"X-Spam-Flag: YES"] if spam else []),
        b"X-Spam-Level: " + b"*" * (50 if spam else 0),
        b"X-Spam-Status: " + word + b", score=" + score + b" required=5.0 tests=LAB",
        b"X-Spam-Checker-Version: SpamAssassin 4.0.0 (stub of the lab)",
    ]
    judged_message = b"".join(f + end for f in fields) + message
    head = (
        b"SPAMD/1.1 0 EX_OK\r\nContent-length: " + str(len(judged_message)).encode()
        + b"\r\nSpam: " + judged + b" ; " + score + b" / 5.0\r\n\r\n"
    )
    return head + judged_message


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


if __name__ == "__main__":
    Server(sys.argv[1], Scan).serve_forever()
