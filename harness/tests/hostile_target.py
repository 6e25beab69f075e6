"""A target that misbehaves: `hostile_target.py MODE ADDRESS PORT`.  The first connection, by which
readiness is polled, is greeted properly, except in the modes that never greet."""

import socketserver
import sys
import threading

GREETED = threading.Event()
MODES = {
    "closes": b"",
    "floods": b"250-" + b"x" * 70_000,
    "endless-lines": b"250-more\r\n" * 50_000,
    "eight-bit": b"250-\xff\xfe\x00<script>alert(1)</script>\x1b[31m\r\n" * 3 + b"250 ok\r\n",
    "garbage": b"\x00\x01\x02 not smtp\r\n",
}


class Handler(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        mode = sys.argv[1]
        if mode == "silent":
            self.request.recv(1000)
            return
        self.request.sendall(b"220 hostile ESMTP\r\n")
        if not GREETED.is_set():
            GREETED.set()
            return
        while self.request.recv(4000):
            if mode == "closes":
                return
            if mode == "never-answers":
                continue
            self.request.sendall(MODES[mode])


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 256


if __name__ == "__main__":
    if sys.argv[1] == "dies":
        sys.exit("I would rather not")
    Server((sys.argv[2], int(sys.argv[3])), Handler).serve_forever()
