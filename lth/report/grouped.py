"""A level in groups, as template/flow.js draws it: boxes of neurons that are alike, bands of weights between them."""

from __future__ import annotations

from typing import Any

from lth.report.chain import Level
from lth.ticket.picture.flow import Band
from lth.ticket.picture.groups import Group


def grouped(level: Level) -> dict[str, Any]:
    """Its number, words, boxes per layer and bands between layers, in plain lists.

    A box is [state, source, target, neurons, top, bottom]; a band [box left, box right, weights, state, task, upper
    edge left, upper edge right, width]. Source, target and task are a task's number, or NONE or SEVERAL of
    `lth.ticket.picture.groups`. Heights run from 0 (top) to 1.
    """
    high = level.flow.height
    layers = zip(level.flow.groups, level.flow.edges, strict=True)
    boxes = [[_box(*one, high) for one in zip(groups, edges, strict=True)] for groups, edges in layers]
    bands = [[_band(one, high) for one in between] for between in level.flow.bands]
    return {"level": level.number, "words": level.words, "boxes": boxes, "bands": bands}


def _box(group: Group, edges: tuple[float, float], high: float) -> list[float]:
    top, bottom = (_down(y, high) for y in edges)
    return [int(group.state), group.source, group.target, len(group.members), top, bottom]


def _band(band: Band, high: float) -> list[float]:
    one = band.stream
    ends = (_down(band.left, high), _down(band.right, high), round(band.wide / high, 4))
    return [one.start, one.end, one.number, int(one.state), one.task, *ends]


def _down(y: float, high: float) -> float:
    return round(0.5 - y / high, 4)
