"""What a figure says of itself: what is seen above it, what its words mean below, and a file that is small."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from drawn_once import DRAWINGS, drawn
from made_tables import make
from matplotlib.figure import Figure
from PIL import Image

from lth.figures.catalogue import Drawing, drawings
from lth.figures.page import HEADLINE
from lth.figures.save import save
from lth.figures.style import styled
from lth.figures.words import glossary


@styled
def drawn_texts(figure: Figure) -> dict[str, list]:
    """The texts of a figure as it is laid out at the dots of its file, by their gid."""
    figure.set_dpi(200)
    figure.draw_without_rendering()
    found: dict[str, list] = {}
    for text in figure.texts:
        found.setdefault(str(text.get_gid()), []).append(text)
    return found


@pytest.mark.parametrize("drawing", DRAWINGS, ids=lambda drawing: drawing.name)
def test_every_figure_says_what_is_seen_and_nothing_lies_on_it(drawing: Drawing) -> None:
    figure = drawn(drawing)
    texts = drawn_texts(figure)
    if drawing.figure == "pixels" and "missing" in texts:
        return
    found: list[Any] = [*(axes.get_tightbbox() for axes in figure.axes if axes.axison)]
    inner = [box for box in found if box is not None] + [legend.get_window_extent() for legend in figure.legends]
    footer = max(text.get_window_extent().y1 for gid in ("caption", "counts") for text in texts[gid])
    assert all(box.y0 >= footer - 1 for box in inner)
    if HEADLINE not in texts:  # then the panels say it
        assert any(len(axes.get_title("left").split()) > 3 for axes in figure.axes)
        return
    (headline,) = texts[HEADLINE]
    assert len(headline.get_text().split()) > 3
    assert headline.get_text().count("\n") < 3
    assert headline.get_window_extent().x1 <= figure.bbox.x1
    assert all(box.y1 <= headline.get_window_extent().y0 + 1 for box in inner)


@pytest.mark.parametrize("drawing", DRAWINGS, ids=lambda drawing: drawing.name)
def test_the_short_words_of_a_figure_are_explained_below_it(drawing: Drawing) -> None:
    figure = drawn(drawing)
    caption = " ".join(text.get_text() for text in figure.texts if text.get_gid() == "caption").replace("\n", " ")
    said = [axes.get_title("left") for axes in figure.axes]
    said += [tick.get_text() for axes in figure.axes for tick in (*axes.get_xticklabels(), *axes.get_yticklabels())]
    said += [text.get_text() for axes in figure.axes for text in axes.texts]
    if any(re.search(r"\bh = |^rung\nh|^h\n", text) for text in said):
        assert "h: hidden neurons per layer" in caption
    if any(text.startswith("rung") for text in said):
        assert "Rung e: the size that is pruned e times" in caption


def test_words_that_do_not_stand_on_a_figure_are_not_explained() -> None:
    figure = Figure()
    axes = figure.subplots()
    axes.set_title("the growth", loc="left")
    assert glossary(figure) == ""
    axes.set_ylabel("zombie share")
    assert glossary(figure) == "Zombie: reaches an output, is reached from no input."


def test_the_png_has_a_palette_and_looks_like_the_figure(tmp_path: Path) -> None:
    drawing = next(iter(drawings("extension", "outcomes")))
    figure = drawing.draw(make("extension"))
    (path,) = save(figure, tmp_path, "one", "a command", ["png"])
    plain = io.BytesIO()
    styled(figure.savefig)(plain, format="png", dpi=200)
    assert path.stat().st_size < 0.6 * len(plain.getvalue())
    with Image.open(path) as small, Image.open(plain) as whole:
        assert small.mode == "P"
        off = np.abs(np.asarray(small.convert("RGB"), int) - np.asarray(whole.convert("RGB"), int)).max(axis=2)
    assert np.quantile(off, 0.99) <= 8
    assert off.max() < 48
