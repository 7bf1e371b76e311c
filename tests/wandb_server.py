"""A W&B server on this machine, which answers well, late, wrongly or not at all."""

from __future__ import annotations

import gzip
import json
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.wandb_backend import Backend

KEY = "k" * 40


class Server(ThreadingHTTPServer, Backend):
    """Answers after `delay` seconds; `fault` is a status that it answers instead.

    With a fault of 0 it does not answer at all before it is closed.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self, fault: int | None = None, delay: float = 0.0) -> None:
        ThreadingHTTPServer.__init__(self, ("127.0.0.1", 0), _Handler)
        Backend.__init__(self)
        self.url = f"http://127.0.0.1:{self.server_port}"  # what WANDB_BASE_URL must be
        self.fault, self.delay = fault, delay
        self.closed = threading.Event()
        self.lock = threading.Lock()
        self.asked: list[str] = []

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has gone is none; any other error is said in the usual way."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    def wait(self, done: Callable[[], bool], seconds: float = 120.0) -> None:
        """Wait until something has arrived."""
        until = time.monotonic() + seconds
        while not done():
            assert time.monotonic() < until, self.asked
            time.sleep(0.02)

    def environment(self) -> dict[str, str]:
        """The variables that send a client here."""
        return {"WANDB_BASE_URL": self.url, "WANDB_API_KEY": KEY}


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""

    def do_POST(self) -> None:
        body = self._body()
        if self.server.fault is not None:
            return self._fail(self.server.fault)
        self.server.closed.wait(self.server.delay)
        with self.server.lock:
            answer = self._answered(body)
        return self._send(200, json.dumps(answer).encode())

    do_GET = do_PUT = do_POST  # noqa: N815

    def _answered(self, body: bytes) -> dict[str, Any]:
        if self.path == "/graphql":
            asked = json.loads(body)
            found = re.search(r"(?:query|mutation)\s+(\w+)", asked["query"])
            operation = found.group(1) if found else ""
            self.server.asked.append(operation)
            return {"data": self.server.graphql(operation, asked["query"], asked.get("variables") or {})}
        self.server.asked.append(f"{self.command} {self.path}")
        if self.command == "PUT":
            self.server.store(self.path, body)
        elif self.path.endswith("/file_stream"):
            self.server.stream(self.server.run(self.path.split("/")[-2]), json.loads(body))
        return {}

    def _fail(self, status: int) -> None:
        self.server.asked.append(f"{self.command} {self.path}")
        if status == 0:
            self.server.closed.wait()
            self.close_connection = True
            return
        self._send(status, b'{"errors": [{"message": "not today"}]}')

    def _body(self) -> bytes:
        if self.headers.get("transfer-encoding") == "chunked":
            pieces = []
            while size := int(self.rfile.readline(), 16):
                pieces.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            body = b"".join(pieces)
        else:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
        return gzip.decompress(body) if self.headers.get("content-encoding") == "gzip" else body

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def serving(fault: int | None = None, delay: float = 0.0) -> Iterator[Server]:
    """A server that answers while the block lasts."""
    server = Server(fault, delay)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.closed.set()
        server.shutdown()
        server.server_close()
