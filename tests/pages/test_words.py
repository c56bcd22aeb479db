"""Numbers and phrases read as the style guide says, and never claim what they should not."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pandas as pd
import pytest

from boundaries.pages import words
from boundaries.read.tables import Source


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (words.people(1234567), "1,234,567"),
        (words.people(-3), "−3"),
        (words.people(pd.NA), "–"),
        (words.people(float("nan"), missing="*"), "*"),
        (words.change(12), "+12"),
        (words.change(-1200), "−1,200"),
        (words.change(0), "0"),
        (words.share(0.8344), "83.4%"),
        (words.share(1.0), "100.0%"),
        (words.share(0.99999), "99.9%"),
        (words.share(0.00001), "0.1%"),
        (words.share(None), "–"),
        (words.points(0.0123), "+1.2"),
        (words.points(-0.0004), "0.0"),
        (words.points_change(-0.02), "2.0 percentage points lower"),
        (words.points_change(0.01), "1.0 percentage point higher"),
        (words.pounds(367_312.4), "£367,000"),
        (words.distance(847), "850 m"),
        (words.distance(1249), "1.2 km"),
        (words.count_of(1, "practice"), "one practice"),
        (words.count_of(12, "PCN"), "12 PCNs"),
        (words.join_names(["A"]), "A"),
        (words.join_names(["A", "B", "C"]), "A, B and C"),
        (words.join_names([]), ""),
        (words.day("2022-07-01"), "1 July 2022"),
        (words.day("spring"), "spring"),
        (words.name_case("BRENT SOUTH KWH PCN"), "Brent South KWH PCN"),
        (words.name_case("THE SURGERY AT ST JOHN'S"), "The Surgery at St John's"),
        (words.name_case("K&W HEALTHCARE 2 (DR O'NEILL)"), "K&W Healthcare 2 (Dr O'neill)"),
        (words.name_case("Kilburn and Willesden"), "Kilburn and Willesden"),
        (words.name_case("=1+1"), "=1+1"),
    ],
)
def test_it_reads(said, expected):
    assert said == expected


def _source(**given) -> Source:
    return Source("registrations", "file.csv", "0" * 64, 3, **given)


def test_every_publisher_gets_its_words_once():
    lines = words.attribution_lines(
        [
            _source(publisher="NHS England"),
            _source(publisher="NHS England"),
            _source(publisher="Ordnance Survey", date="2025-05-01"),
            _source(publisher="Somewhere Council", date="2025"),
            _source(publisher="NHS England", attribution="As the publisher says."),
        ]
    )
    assert lines == (
        "As the publisher says.",
        "Contains OS data © Crown copyright and database right 2025.",
        (
            "Contains information from NHS England, licensed under the current version of the Open "
            "Government Licence."
        ),
        "Source: Somewhere Council (file.csv).",
    )


def test_a_publisher_is_known_by_whole_words():
    (line,) = words.attribution_lines([_source(publisher="Moss Consulting")])
    assert "OS data" not in line


def test_every_share_is_rounded_half_up_from_what_the_files_hold():
    """All 100,001 shares of five decimals, against decimal arithmetic; the map's are these."""
    for number in range(100_001):
        share = Decimal(number) / 1000
        shown = share.quantize(Decimal("0.1"), ROUND_HALF_UP)
        if 0 < number < 100_000:
            shown = min(max(shown, Decimal("0.1")), Decimal("99.9"))
        assert words.share(number / 100_000) == f"{shown}%", number
    assert [words.share(0.0025), words.points(-0.0025), words.people(2.5)] == ["0.3%", "−0.3", "3"]


def test_a_share_reads_as_it_does_from_the_file():
    exact = 0.5674998472162807  # Wembley Hill and Sudbury, Brent: 0.5675 in the file
    assert words.share(exact) == words.share(round(exact, 6)) == "56.8%"
    assert words.points(-exact) == words.points(round(-exact, 6)) == "−56.8"
