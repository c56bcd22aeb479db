"""What is compiled is kept by its sources: no code of another version is ever run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from boundaries.solve import compiled as module
from boundaries.solve.heuristics import annealing_kernel, articulation
from boundaries.solve.lp import max_flow, separation_kernel


def test_without_a_folder_to_write_to_it_is_compiled_each_time(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setattr(module, "cache_folder", lambda: tmp_path / "file" / "below")
    kernel = module.compiled(_double)
    assert kernel(np.arange(3)).tolist() == [0, 2, 4]
    assert not kernel.stats.cache_path


def test_compiled_functions_are_kept_by_their_sources(monkeypatch, tmp_path):
    monkeypatch.setattr(module, "cache_folder", lambda: tmp_path)
    first = module.compiled(_double)
    assert first(np.arange(3)).tolist() == [0, 2, 4]
    assert sum(first.stats.cache_misses.values()) == 1
    again = module.compiled(_double)
    assert again(np.arange(3)).tolist() == [0, 2, 4]
    assert sum(again.stats.cache_hits.values()) == 1
    monkeypatch.setattr(module, "source_key", lambda _: "of another source")
    other = module.compiled(_double)
    other(np.arange(3))
    assert not sum(other.stats.cache_hits.values())


def _double(x):
    return 2 * x


@pytest.fixture
def package(tmp_path):
    """Three modules, of which one imports another, and that the third for its types only."""
    texts = {
        "one": "from boundaries.solve.two import f\n",
        "two": "if TYPE_CHECKING:\n    from boundaries.solve.three import g\n",
        "three": "",
    }
    for name, text in texts.items():
        (tmp_path / "boundaries" / "solve").mkdir(parents=True, exist_ok=True)
        (tmp_path / "boundaries" / "solve" / f"{name}.py").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(("changed", "matters"), [("one", True), ("two", True), ("three", False)])
def test_a_change_in_what_is_imported_is_another_key(package, changed, matters):
    files = {n: package / "boundaries" / "solve" / f"{n}.py" for n in ("one", "two", "three")}
    before = module.source_key(files["one"], package)
    module.source_key.cache_clear()
    with files[changed].open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert (module.source_key(files["one"], package) != before) == matters
    module.source_key.cache_clear()


def test_a_key_is_of_all_modules_whose_code_or_constants_are_used():
    used = {path.stem for path in module.sources_of(Path(annealing_kernel.__file__))}
    assert {"annealing_kernel", "articulation", "annealing", "compiled"} <= used
    used = {path.stem for path in module.sources_of(Path(separation_kernel.__file__))}
    assert {"separation_kernel", "max_flow", "graph"} <= used


def test_kernels_of_the_solver_are_kept_outside_the_package_and_the_working_folder():
    for kernel in (articulation.stays_connected, max_flow.least_separators):
        kept = Path(kernel.stats.cache_path)
        assert kept.parent == module.cache_folder()
        assert Path.cwd() not in kept.parents
        assert Path(module.__file__).parent not in kept.parents


def test_folders_of_older_sources_go_but_for_the_newest(tmp_path):
    for number in range(12):
        (tmp_path / f"walk-{number:02}").mkdir()
    (tmp_path / "walk_other-1").mkdir()
    module._forget_old(tmp_path / "walk-new")
    assert len(list(tmp_path.glob("walk-*"))) == module._KEPT - 1
    assert (tmp_path / "walk_other-1").is_dir()
