"""The map's own modules measure as Python does: run here in an embedded engine, without a page.

`python -m benchmarks.golden` does the same with thousands of plans, and with real places.
"""

from dataclasses import replace

import pytest
from benchmarks.golden import (
    awkward_numbers,
    differences,
    random_plans,
    rounding_differences,
    studies_of,
    vectors_of,
)

from boundaries.errors import AssetError
from boundaries.pages import bundle as bundle_module
from boundaries.pages.bundle import bundle


def test_random_plans_of_the_example_measure_the_same(example_run):
    place, broken = example_run.place, set()
    for at, study in enumerate(studies_of(place, example_run.study)):
        vectors = vectors_of(place, study, random_plans(place, 5, seed=at))
        assert differences(place, study, vectors) == []
        broken |= {one.rule for vector in vectors for one in vector.measures.broken}
    assert {1, 2, 3, 4, 6, 7, 8} <= broken  # the plans are hopeless enough to try every rule


def test_spans_and_floors_measure_the_same(small_run):
    pcns = small_run.place.pcns.assign(span=[2, 2, 1], floor=[700, 0, 1500])
    place = replace(small_run.place, pcns=pcns)
    vectors = vectors_of(place, small_run.study, random_plans(place, 8, seed=5, most=4))
    assert differences(place, small_run.study, vectors) == []
    wrong = replace(place, pcns=pcns.assign(span=[1, 1, 1]))
    assert differences(wrong, small_run.study, vectors) != []  # it would be seen


def test_numbers_are_rounded_the_same():
    """Awkward ones, and all 100,001 shares of five decimals (0.0025 once was 0.2% and 0.3%)."""
    assert rounding_differences(awkward_numbers(2_000, seed=1)) == []
    assert rounding_differences([number / 100_000 for number in range(100_001)]) == []


@pytest.mark.parametrize(
    ("modules", "said"),
    [
        ({"a.js": 'import { b } from "./b.js";\n', "b.js": "const b = 1;\n"}, "does not export it"),
        (
            {
                "a.js": 'import { b } from "./b.js";\nconst c = b;\n',
                "b.js": "export const b = 1;\nconst c = 2;\n",
            },
            "c is declared in b.js and in a.js",
        ),
        ({"a.js": 'import b from "./b.js";\n'}, "cannot be bundled"),
        ({"a.js": "export default 3;\n"}, "cannot be bundled"),
    ],
)  # fmt: skip
def test_what_cannot_be_bundled_is_said(monkeypatch, modules, said):
    monkeypatch.setattr(bundle_module, "template_text", modules.__getitem__)
    bundle.cache_clear()
    with pytest.raises(AssetError, match=said):
        bundle("a.js")
    bundle.cache_clear()


def test_modules_in_a_ring_are_joined_once_each(monkeypatch):
    modules = {
        "a.js": 'import { b } from "./c/b.js";\nexport function a() { return b; }\n',
        "c/b.js": 'import { a } from "../a.js";\nexport const b = () => a;\n',
    }
    monkeypatch.setattr(bundle_module, "template_text", modules.__getitem__)
    bundle.cache_clear()
    assert bundle("a.js", gives=("a",)) == (
        '(() => {\n"use strict";\nconst b = () => a;\n\nfunction a() { return b; }\n'
        "return { a };\n})();"
    )
    bundle.cache_clear()
