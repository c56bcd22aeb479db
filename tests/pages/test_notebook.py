"""What a notebook shows: pictures, a run and an option as tables, with every name escaped."""

from __future__ import annotations

from dataclasses import replace

import pytest

import boundaries


def test_the_ladder_and_an_option_show_themselves(small_run):
    for picture in (boundaries.draw_ladder(small_run), boundaries.draw_option(small_run, "move-1")):
        html = picture._repr_html_()
        assert html.startswith("<figure")
        assert "<svg viewBox" in html
        assert "<script" not in html


def test_no_ladder_is_said(small_run):
    with pytest.raises(KeyError, match="propose"):
        boundaries.draw_ladder(replace(small_run, options=small_run.options[:1]))


def test_a_run_shows_its_options(small_run):
    html = small_run._repr_html_()
    for option in small_run.options:
        assert f"<td>{option.option_id}</td>" in html
    moved = small_run.option("move-1").measures.summary["misaligned_patients"]
    assert f"{moved:,}" in html
    assert "gap 2.0%" in html


def test_an_option_shows_its_neighbourhoods(small_run):
    option = small_run.option("move-1")
    html = option._repr_html_()
    for residents in option.measures.neighbourhoods["residents"]:
        assert f"{residents:,}" in html


def test_names_are_escaped(hostile_run):
    place = replace(hostile_run.place, name="<img src=x onerror=alert(1)>")
    option = replace(hostile_run.options[0], title="<script>alert(1)</script>")
    html = replace(hostile_run, place=place, options=(option,))._repr_html_()
    assert "<img" not in html
    assert "<script" not in html
