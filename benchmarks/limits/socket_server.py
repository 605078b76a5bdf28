"""The barest answer there is: reads a request, says 204. What it reaches is what the measuring itself can reach.

python -m benchmarks.limits.socket_server PORT
"""

import re
import socketserver
import sys

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
ANSWER = b"HTTP/1.1 204 No Content\r\n\r\n"


class Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        while head := self._head():
            length = _LENGTH.search(head)
            self.rfile.read(int(length[1]) if length else 0)
            if head.startswith(b"GET"):
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            else:
                self.wfile.write(ANSWER)

    def _head(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) not in (b"\r\n", b""):
            lines.append(line)
        return b"".join(lines)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


if __name__ == "__main__":
    with Server(("127.0.0.1", int(sys.argv[1])), Handler) as server:
        server.serve_forever()
