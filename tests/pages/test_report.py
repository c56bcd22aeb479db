"""The report: whole, safe, in the order of an appraisal, and equal to the run's own files."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd
import pytest

from boundaries.measure import measure_plan
from boundaries.pages.naming import heading_of, pcn_letters
from boundaries.pages.report import report_html, write_report


@pytest.fixture
def html(small_html) -> str:
    return small_html


@pytest.fixture
def page(html, read_page):
    return read_page(html)


def test_the_order_is_that_of_an_options_appraisal(page, small_run):
    found = [said for tag, said in page.headings if tag == "h2" and said != "Contents"]
    assert found == [
        "Summary",
        "Purpose and critical success factors",
        "Where things stand today",
        "Options side by side",
        *(heading_of(option) for option in small_run.options),
        "Sensitivity: what is settled and what is open",
        "A page for each clinical director",
        "Method and measures",
        "Data, dates and problems found",
        "Glossary",
    ]
    assert [tag for tag, _ in page.headings].count("h1") == 1


def test_it_needs_nothing_else_and_cannot_call_out(html, page):
    (policy,) = [
        known["content"]
        for tag, known in page.tags
        if tag == "meta" and known.get("http-equiv") == "Content-Security-Policy"
    ]
    assert "default-src 'none'" in policy
    assert "script-src 'none'" in policy
    assert not [tag for tag, _ in page.tags if tag in {"script", "link", "iframe"}]
    assert not re.findall(r"(?:src|href)=[\"']?https?:", html)
    assert len(html) < 5_000_000


def test_every_heading_of_the_contents_is_there(page):
    ids = [known["id"] for _, known in page.tags if "id" in known]
    assert len(ids) == len(set(ids))
    links = {known["href"][1:] for tag, known in page.tags if tag == "a"}
    assert links
    assert links <= set(ids)


def test_every_picture_says_what_it_shows_and_has_a_table(page, html, small_run):
    pictures = [known for tag, known in page.tags if tag == "svg"]
    assert len(pictures) == 3 * len(small_run.options) + 2
    assert all(known["role"] == "img" and len(known["aria-label"]) > 40 for known in pictures)


def test_names_are_never_taken_for_code(hostile_run, read_page):
    html = report_html(hostile_run)
    assert "<img" not in html
    assert "onerror=alert(1)&gt;" in html
    text = "".join(read_page(html).text)
    for name in ("<img src=x onerror=alert(1)> & Sons", "=1+1", "$x_1$ Surgery"):
        assert name in text


def test_the_standing_words_and_the_credits_are_there(page):
    text = " ".join(page.text)
    assert "Nobody has agreed to any option shown" in text
    assert "Contains OS data © Crown copyright and database right 2025." in text
    assert "Contains information from NHS England" in text


def test_who_moves_and_why_is_a_sentence_with_its_figures(page, small_run):
    text = " ".join(page.text)
    for move in small_run.moves.to_dict("records"):
        assert f"{move['practice_name']} ({move['practice_code']}" in text
        assert move["why"] in text
        sources = {number.source for number in page.numbers}
        key = f"moves.csv|{move['option_id']}/{move['practice_code']}"
        assert {f"{key}|list_size", f"{key}|patients_gained"} <= sources


def test_there_is_a_page_for_every_pcn(page, small_run):
    headings = {said for tag, said in page.headings if tag == "h3"}
    letters = pcn_letters(small_run)
    for code, name in small_run.place.pcns["pcn_name"].items():
        assert f"{letters[code]}  {name} ({code})" in headings


def test_nothing_unproven_is_called_proven(small_run, read_page):
    option = replace(small_run.option("move-1"), status="feasible", bound=None)
    run = replace(small_run, options=(small_run.options[0], option))
    text = " ".join(read_page(report_html(run)).text)
    assert "how far from the best possible is not proven" in text
    assert "within" not in list(text.split("How sure")[-1].split()[:3])


def test_a_run_with_today_alone_still_makes_a_report(small_run, read_page):
    run = replace(small_run, options=small_run.options[:1], moves=small_run.moves.iloc[:0])
    page = read_page(report_html(run))
    assert "No option was proposed in this run." in " ".join(page.text)


def test_settled_and_sensitivity_are_shown_when_the_run_has_them(varied_run, read_page):
    text = " ".join(" ".join(read_page(report_html(varied_run)).text).split())
    assert "Practice 4 (A00004): with its usual partners in 50% of plans." in text
    assert "2 plans compared: the options, and one plan that keep every rule" in text
    assert "1 shown to stay" in text
    assert "found elsewhere" in text
    assert "Residents within 15% of the mean, not 25%: 3 neighbourhoods cannot be kept." in text
    assert "1 of 2 practices keep their company in at least 90% of these comparisons." in text


def test_a_folder_of_an_earlier_version_still_makes_its_section(small_run, read_page):
    old = pd.DataFrame(
        {"kind": ["lsoa", "practice"], "code": ["E01000001", "A00004"], "share": [1.0, 0.5]}
    )
    text = " ".join(read_page(report_html(replace(small_run, settled=old))).text)
    assert "A00004): with its usual partners in 50% of plans." in text
    assert "shown to stay" not in text


def test_it_is_written_whole_and_the_same_every_time(small_run, tmp_path, html):
    path = write_report(small_run, tmp_path / "deep" / "report.html")
    assert path.read_text(encoding="utf-8") == html == report_html(small_run)
    assert [p.name for p in path.parent.iterdir()] == ["report.html"]


def test_a_logo_is_put_in_its_slot_only_when_given(small_run, tmp_path, html):
    assert "<img" not in html
    (tmp_path / "logo.png").write_bytes(b"\x89PNG\r\n")
    assert 'src="data:image/png;base64,' in report_html(small_run, logo=tmp_path / "logo.png")


def test_a_study_of_several_counts_has_a_ladder_for_each(small_run, read_page):
    """Two neighbourhoods beside three: each count has its own chart, table and heading."""
    merged = {"3": "2"}
    pairs = [small_run.option("move-0"), small_run.option("move-1")]
    fewer = []
    for option in pairs:
        plan = option.plan.relabelled(merged)
        measures = measure_plan(small_run.place, plan, study=small_run.study)
        key = f"{option.option_id}-k2"
        fewer.append(replace(option, option_id=key, plan=plan, measures=measures))
    html = report_html(replace(small_run, options=(*small_run.options, *fewer)))
    page = read_page(html)
    headings = [said for tag, said in page.headings if tag == "h3"]
    assert "What each practice move buys: 2 neighbourhoods" in headings
    assert "What each practice move buys: 3 neighbourhoods" in headings
    ids = [known["id"] for _, known in page.tags if "id" in known]
    assert len(ids) == len(set(ids))


def test_a_card_speaks_of_moves_only_when_there_are_any(small_run, read_page):
    steady = replace(small_run.option("move-0"), option_id="move-1", title="At most 1")
    run = replace(small_run, options=(*small_run.options[:2], steady))
    page = read_page(report_html(run))
    assert "also changed PCN" not in " ".join(page.text)
    assert "changes nothing: the best plan found is the one before" in " ".join(page.text)
