"""A W&B server for one test: as much of its GraphQL, file stream and file store as the client asks for."""

from __future__ import annotations

import gzip
import json
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "k" * 40
ENTITY = "tester"


@dataclass
class Received:
    """What arrived of one run; `said` are its group, job type, tags, …, by the names of the GraphQL variables."""

    said: dict[str, Any] = field(default_factory=dict)
    rows: dict[int, dict[str, Any]] = field(default_factory=dict)
    summary: dict[str, Any] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    exit_code: int | None = None

    @property
    def config(self) -> dict[str, Any]:
        """The configuration without W&B's own key."""
        return {name: entry["value"] for name, entry in json.loads(self.said["config"]).items() if name != "_wandb"}

    @property
    def step_metrics(self) -> dict[str, str]:
        """Column → the column that is its x axis; W&B keeps it as 1: name, 2: pattern of names, 5: axis, from 1."""
        metrics = json.loads(self.said["config"])["_wandb"]["value"]["m"]
        return {metric.get("1") or metric["2"]: metrics[metric["5"] - 1]["1"] for metric in metrics if "5" in metric}

    @property
    def history(self) -> list[dict[str, Any]]:
        """The logged rows without W&B's own columns."""
        rows = (self.rows[line] for line in sorted(self.rows))
        return [{name: value for name, value in row.items() if not name.startswith("_")} for row in rows]


class Server(ThreadingHTTPServer):
    """Keeps what arrives in `runs` by id, `artifacts` by name and `views`; `fault` is a status that it answers instead.

    With a fault of 0 it does not answer at all before it is closed.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self, fault: int | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.fault = fault
        self.closed = threading.Event()
        self.lock = threading.Lock()
        self.asked: list[str] = []
        self.unknown: list[str] = []
        self.keys: set[str] = set()
        self.runs: dict[str, Received] = {}
        self.artifacts: dict[str, dict[str, Any]] = {}
        self.views: list[dict[str, Any]] = []

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has gone is none; any other error is said in the usual way."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    @property
    def url(self) -> str:
        """What WANDB_BASE_URL must be."""
        return f"http://127.0.0.1:{self.server_port}"

    def run(self, name: str) -> Received:
        """The run of an id, made when it is first heard of."""
        return self.runs.setdefault(name, Received())

    def wait(self, done: Callable[[], bool], seconds: float = 10.0) -> None:
        """Wait until something has arrived."""
        until = time.monotonic() + seconds
        while not done():
            assert time.monotonic() < until, self.asked
            time.sleep(0.02)

    def environment(self) -> dict[str, str]:
        """The variables that send a client here."""
        return {"WANDB_BASE_URL": self.url, "WANDB_API_KEY": KEY}

    def graphql(self, operation: str, query: str, given: dict[str, Any]) -> dict[str, Any]:
        """The data of one GraphQL answer."""
        answer = getattr(self, f"_{operation}", None)
        if answer is not None:
            return answer(given)
        if "viewer" in query:
            return {"viewer": {"id": "1", "entity": ENTITY, "username": ENTITY, "flags": "{}", "teams": {"edges": []}}}
        self.unknown.append(query)
        return {}

    def _UpsertBucket(self, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - GraphQL's name
        run = self.run(given["name"])
        run.said |= {name: value for name, value in given.items() if value is not None}
        entity = {"id": "entity", "name": run.said.get("entity", ENTITY)}
        project = {"id": "project", "name": run.said["project"], "entity": entity}
        bucket = {"id": given["name"], "name": given["name"], "config": "{}", "historyLineCount": 0}
        bucket |= {"displayName": run.said.get("displayName"), "project": project}
        return {"upsertBucket": {"bucket": bucket, "inserted": True}}

    def _CreateRunFiles(self, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        run = given["run"]
        files = [{"name": name, "uploadUrl": f"{self.url}/put/{run}/{name}"} for name in given["files"]]
        return {"createRunFiles": {"runID": run, "uploadHeaders": [], "files": files}}

    def _ServerFeaturesQuery(self, _: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {"serverInfo": {"features": []}}

    def _ArtifactType(self, _: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {"project": {"artifact": None}}

    def _CreateArtifact(self, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        said = given["input"]
        name = said["artifactCollectionName"]
        known = self.artifacts.get(name)
        if known is None or known["digest"] != said["digest"]:
            known = self.artifacts[name] = {
                "digest": said["digest"],
                "state": "PENDING",
                "type": said["artifactTypeName"],
            }
            known |= {"metadata": json.loads(said["metadata"]), "run": said["runName"]}
        artifact = {"id": name, "state": known["state"], "artifactSequence": {"id": name, "latestArtifact": None}}
        return {"createArtifact": {"artifact": artifact}}

    def _CreateArtifactManifest(self, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {"createArtifactManifest": {"artifactManifest": self._manifest(given["artifactID"])}}

    def _UpdateArtifactManifest(self, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {"updateArtifactManifest": {"artifactManifest": self._manifest(given["artifactManifestID"])}}

    def _manifest(self, name: str) -> dict[str, Any]:
        file = {"id": name, "uploadUrl": f"{self.url}/put/{name}/manifest", "uploadHeaders": []}
        return {"id": name, "file": file}

    def _CreateArtifactFiles(self, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        edges = []
        for file in given["input"]["artifactFiles"]:
            artifact, name = file["artifactID"], file["name"]
            node = {"id": name, "name": name, "displayName": name, "storagePath": name, "uploadHeaders": []}
            node |= {"uploadUrl": f"{self.url}/put/{artifact}/{name}", "uploadMultipartUrls": None}
            edges.append({"node": node | {"artifact": {"id": artifact}}})
        return {"createArtifactFiles": {"files": {"edges": edges}}}

    def _CommitArtifact(self, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        artifact = self.artifacts[given["artifactID"]]
        artifact["state"] = "COMMITTED"
        return {"commitArtifact": {"artifact": {"id": given["artifactID"], "digest": artifact["digest"]}}}

    def store(self, path: str, body: bytes) -> None:
        """A file that a run or an artifact uploads."""
        _, kind, owner, name = path.split("/", 3)
        assert kind == "put"
        files = self.artifacts[owner].setdefault("files", {}) if owner in self.artifacts else self.run(owner).files
        files[name] = body

    def stream(self, run: Received, body: dict[str, Any]) -> None:
        """A piece of a run's file stream; a line sent twice is one line."""
        for name, piece in (body.get("files") or {}).items():
            lines = [json.loads(line) for line in piece["content"]] if name.startswith("wandb-") else []
            if name == "wandb-history.jsonl":
                run.rows |= dict(enumerate(lines, piece["offset"]))
            elif name == "wandb-summary.json":
                run.summary = lines[-1]
        if body.get("complete"):
            run.exit_code = body["exitcode"]


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""

    def do_POST(self) -> None:
        body = self._body()
        if self.server.fault is not None:
            return self._fail(self.server.fault)
        with self.server.lock:
            answer = self._answered(body)
        return self._send(200, json.dumps(answer).encode())

    do_GET = do_PUT = do_POST  # noqa: N815

    def _answered(self, body: bytes) -> dict[str, Any]:
        self.server.keys.add(self.headers.get("authorization", ""))
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
def serving(fault: int | None = None) -> Iterator[Server]:
    """A server that answers while the block lasts."""
    server = Server(fault)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.closed.set()
        server.shutdown()
        server.server_close()
