"""Where the made-up example place lies: in the wheel, or in ``data/example`` of a checkout.

Comes out: the path of its study. Next: `boundaries.pipeline`.
"""

from __future__ import annotations

from pathlib import Path

from boundaries.errors import AssetError

__all__ = ["example_study"]


def example_study() -> Path:
    """Return the path of the example's study.

    Raises
    ------
    AssetError
        When the installation does not hold the example.
    """
    here = Path(__file__).resolve().parent
    for folder in (here / "example_data", here.parents[1] / "data" / "example"):
        if (folder / "study.toml").is_file():
            return folder / "study.toml"
    raise AssetError("The example place is missing from this installation. Install it again.")
