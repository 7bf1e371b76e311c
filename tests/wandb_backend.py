"""What a W&B server knows and answers: as much of its GraphQL, file stream and file store as the client asks for."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

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


class Backend:
    """Keeps what arrives in `runs` by id, `artifacts` by name, `views` by id; `unknown` had no answer."""

    url: str  # where files are sent

    def __init__(self) -> None:
        self.unknown: list[str] = []
        self.runs: dict[str, Received] = {}
        self.artifacts: dict[str, dict[str, Any]] = {}
        self.views: dict[str, dict[str, Any]] = {}

    def run(self, name: str) -> Received:
        """The run of an id, made when it is first heard of."""
        return self.runs.setdefault(name, Received())

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

    def _UpsertView2(self, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        view = {"id": given.get("id") or f"view {len(self.views)}"} | given
        inserted = view["id"] not in self.views
        self.views[view["id"]] = view
        return {"upsertView": {"view": {"id": view["id"], "name": view["name"]}, "inserted": inserted}}

    def _View(self, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        found = [{"node": view} for view in self.views.values() if view["name"] == given["viewName"]]
        return {"project": {"allViews": {"edges": found}}}

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
