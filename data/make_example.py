"""Write the made-up borough of Wrenbourne into data/example, always with the same bytes.

    python data/make_example.py               # into data/example
    python data/make_example.py --into DIR    # somewhere else

`data/example/study.toml` is written by hand and left alone.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from example_place.areas import make_areas
from example_place.ground import make_ground
from example_place.papers import write_papers
from example_place.patches import make_patches
from example_place.people import make_registrations
from example_place.surgeries import make_practices


def main() -> None:
    """Make the place and write its files."""
    parser = argparse.ArgumentParser(description="Write the made-up borough's files.")
    parser.add_argument("--into", type=Path, default=Path(__file__).parent / "example")
    folder = parser.parse_args().into
    folder.mkdir(parents=True, exist_ok=True)
    ground = make_ground()
    areas = make_areas(ground)
    patches = make_patches(ground, areas)
    practices = make_practices(ground)
    registrations = make_registrations(areas, practices)
    write_papers(folder, areas, patches, practices, registrations)
    print(
        f"{folder}: {len(areas.lsoas)} LSOAs, {len(practices)} practices, "
        f"{len(registrations):,} rows of registrations."
    )


if __name__ == "__main__":
    main()
