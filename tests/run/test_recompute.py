"""The figures of a run counted again from its files alone."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
from tests.recompute import differences, recompute
from tests.runs import make_run

from boundaries.run import write_run


def test_every_option_is_what_its_files_add_up_to(small_place, tmp_path):
    pairs = small_place.neighbours
    bonded = replace(small_place, neighbours=pairs.assign(bond=100.0 + pairs.index))
    run = make_run(bonded)
    record = run.record | {"schema_version": "1", "tool": "boundaries", "catchment": {}}
    write_run(replace(run, record=record), tmp_path / "out")
    assert differences(tmp_path / "out") == []
    assert min(parted for parted, _, _ in recompute(tmp_path / "out").values()) > 0
    options = pd.read_csv(tmp_path / "out" / "options.csv")
    options["objective"] += 1
    options.to_csv(tmp_path / "out" / "options.csv", index=False)
    assert len(differences(tmp_path / "out")) == len(options)
