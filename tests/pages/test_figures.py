"""Pictures: text stays text, the same bytes every time, colours that do not change."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from matplotlib.figure import Figure

from boundaries.pages.baseline import neighbourhood_flows
from boundaries.pages.charts import flows_chart, ladder_chart, residents_chart
from boundaries.pages.figures import drawing, svg_of
from boundaries.pages.identity import identify
from boundaries.pages.naming import ladders, neighbourhood_names
from boundaries.pages.pictures import map_figure, outlines, write_pictures


def _plain(title: str) -> Figure:
    with drawing():
        figure = Figure(figsize=(3, 2))
        figure.subplots().set_title(title)
    return figure


def test_text_in_a_picture_stays_text_whatever_it_is():
    svg = svg_of(_plain('$x^2$ <b> 0.123456 id="a" url(#b)'), "one", label='a "b" <c>')
    assert '$x^2$ &lt;b&gt; 0.123456 id="a" url(#b)' in svg
    assert 'aria-label="a &quot;b&quot; &lt;c&gt;"' in svg
    assert "DejaVu" not in svg
    assert "<style" not in svg  # it would style the whole page


def test_ids_of_two_pictures_never_meet():
    one, two = (svg_of(_plain("same"), name, label="same") for name in ("one", "two"))
    ids = [set(re.findall(r'\bid="([^"]+)"', svg)) for svg in (one, two)]
    assert ids[0]
    assert not ids[0] & ids[1]
    for svg, known in zip((one, two), ids, strict=True):
        used = set(re.findall(r'(?:url\(#|href="#)([^)"]+)', svg))
        assert used <= known


def test_pictures_are_the_same_bytes_every_time(small_run, tmp_path):
    first = {p.name: p.read_bytes() for p in write_pictures(small_run, tmp_path / "a")}
    second = {p.name: p.read_bytes() for p in write_pictures(small_run, tmp_path / "b")}
    assert first == second
    assert {"ladder.png", "map-as-is.png", "map-move-1.png", "flows-move-0.png"} <= set(first)
    assert all(data.startswith(b"\x89PNG") for data in first.values())
    assert not list((tmp_path / "a").glob(".*"))


def test_a_neighbourhood_keeps_its_colour(small_run):
    seen, identities = {}, identify(small_run)
    for option in small_run.options:
        (axes,) = _map(small_run, option).axes
        filled = [patch for patch in axes.patches if patch.get_fill()]
        for label, patch in zip(option.plan.neighbourhoods, filled, strict=True):
            identity = identities.of[option.option_id, label]  # lasts where most residents do
            seen.setdefault(identity, set()).add(patch.get_facecolor())
    assert all(len(looks) == 1 for looks in seen.values())
    assert len({look for looks in seen.values() for look in looks}) == len(seen) >= 3


def _map(run, option):
    with drawing():
        return map_figure(
            run, option, shapes=outlines(run.place.lsoas), identities=identify(run), credit=True
        )


def test_the_map_marks_exactly_the_practices_that_move(small_run):
    option = small_run.option("move-1")
    figure = _map(small_run, option)
    (axes,) = figure.axes
    black = [
        line for line in axes.lines if line.get_color() == "#212b32" and line.get_marker() != "None"
    ]
    white = [line for line in axes.lines if line.get_color() == "white"]
    assert len(black) == int(option.measures.practices["moved"].sum()) == 1
    assert len(white) == len(small_run.place.practices) - 1
    (east,), (north,) = black[0].get_data()
    (code,) = option.measures.practices.index[option.measures.practices["moved"]]
    point = small_run.place.practices.geometry[code]
    assert (east, north) == pytest.approx((point.x, point.y))
    assert "Open Government Licence" in figure._supxlabel.get_text()


def test_outlines_leave_no_gaps(small_run):
    shapes = outlines(small_run.place.lsoas)
    assert shapes.union_all().area == pytest.approx(30e6)
    assert list(shapes.index) == list(small_run.place.lsoas.index)


def test_the_ladder_shows_bounds_and_figures(small_run):
    (options,) = ladders(small_run).values()
    left, right = ladder_chart(small_run, options).axes
    shares = [option.measures.summary["alignment"] * 100 for option in options]
    assert list(left.lines[0].get_ydata()) == pytest.approx(shares)
    tops = [sum(bar.get_height() for bar in bars) for bars in zip(*right.containers, strict=True)]
    assert tops == pytest.approx([option.measures.summary["objective"] for option in options])
    bounds = [line.get_segments()[0][0][1] for line in right.collections]
    assert bounds == pytest.approx([option.bound for option in options])


def test_flows_add_up_to_the_patients_counted(small_run):
    for option in small_run.options:
        flows = neighbourhood_flows(small_run, option.plan.lsoas, option.plan.practices)
        apart = flows[flows["living_in"] != flows["registered_with"]]["patients"].sum()
        assert apart == option.measures.summary["misaligned_patients"]
        assert flows["patients"].sum() == option.measures.summary["patients_counted"]
        drawn = flows_chart(flows, neighbourhood_names(option)).axes[0]
        assert len(drawn.collections) == int((flows["patients"] > 0).sum())


def test_the_band_is_the_studys(small_run):
    option = small_run.option("move-1")
    axes = residents_chart(small_run, option).axes[0]
    total = int(small_run.place.lsoas["residents"].sum())
    band = small_run.study.rules.residents_limits(total, 3)
    edges = sorted(line.get_xdata()[0] for line in axes.lines if len(set(line.get_xdata())) == 1)
    assert set(band) <= set(edges)


def test_importing_the_renderers_does_not_import_matplotlib():
    code = (
        "import sys, boundaries.pages.report, boundaries.pages.pictures;"
        "sys.exit('matplotlib' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
