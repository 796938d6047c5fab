"""A web server of the tests and a network that leads to it: nothing leaves the machine."""

import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from trebbo.kernel.fetching import Internet

PUBLIC = "93.184.215.14"
"""What a name of the test's network stands for, as far as anybody is told."""


@dataclass(slots=True)
class Answer:
    """What stands at a path; `drip` sends a byte at a time, with so many seconds between."""

    content: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    drip: float = 0


@dataclass(slots=True)
class TestNetwork:
    """Tells the addresses in `names`, numbers as the system does, and connects to the server."""

    __test__ = False

    port: int
    answers: dict[str, Answer]
    asked: list[Mapping[str, str]]
    names: dict[str, list[str]] = field(default_factory=lambda: {"calendar.example": [PUBLIC]})
    called: list[str] = field(default_factory=list)

    def addresses(self, host: str, port: int) -> list[str]:
        """The addresses of a name; digits and colons never ask anybody."""
        if host in self.names:
            return self.names[host]
        if host.strip("0123456789abcdefx.:"):
            raise OSError("nobody has this name")
        return Internet().addresses(host, port)

    def connect(self, address: str, port: int, seconds: float) -> socket.socket:
        """A connection to the server, whatever the address; it is noted."""
        self.called.append(address)
        return socket.create_connection(("127.0.0.1", self.port), timeout=seconds)


@contextmanager
def serving(answers: dict[str, Answer]) -> Iterator[TestNetwork]:
    """A server that answers by path, and the network that leads to it."""
    asked: list[Mapping[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append({"path": self.path, **{k.lower(): v for k, v in self.headers.items()}})
            answer = answers.get(self.path, Answer(status=404))
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.status == 200 and "Content-Length" not in answer.headers:
                self.send_header("Connection", "close")
            self.end_headers()
            with suppress(OSError):  # whoever asked may have heard enough
                self._send(answer)

        def _send(self, answer: Answer) -> None:
            if not answer.drip:
                self.wfile.write(answer.content)
                return
            for place in range(len(answer.content)):
                self.wfile.write(answer.content[place : place + 1])
                time.sleep(answer.drip)

        def log_message(self, *_words: Any) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield TestNetwork(server.server_address[1], answers, asked)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
