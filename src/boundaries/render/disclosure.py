"""Small numbers: hidden and rounded before they are put into any page.

Goes in: counts of people. Comes out: the same under the study's rule. The rule follows NHS
England's for hospital data below national level: 1–7 are not shown, all others are rounded to the
nearest 5. It is applied to the payload itself, not to what the page chooses to show, because a
self-contained page gives everything in it to whoever opens it. Published practice-by-LSOA counts
need no suppression; local caseloads do. Next: `boundaries.render.payload`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

__all__ = ["HIDDEN", "suppressed"]

HIDDEN: Final = -1
"""Stands for a count that is not shown; pages print it as an asterisk."""

_SMALLEST_SHOWN: Final = 8
_ROUNDED_TO: Final = 5


def suppressed(counts: Iterable[float], rule: Literal["nhs"] | None) -> NDArray[np.int64]:
    """Apply the study's rule to counts of people.

    Parameters
    ----------
    counts
        People; whole numbers.
    rule
        ``nhs``, or None to show all counts as they are.

    Returns
    -------
    numpy.ndarray
        Counts in the same order; `HIDDEN` for those not shown.

    Examples
    --------
    >>> suppressed([0, 1, 7, 8, 13], "nhs").tolist()
    [0, -1, -1, 10, 15]
    """
    whole: NDArray[np.int64] = np.rint(np.fromiter(counts, dtype=float)).astype(np.int64)
    if rule is None:
        return whole
    rounded: NDArray[np.int64] = (whole + _ROUNDED_TO // 2) // _ROUNDED_TO * _ROUNDED_TO
    rounded[(whole > 0) & (whole < _SMALLEST_SHOWN)] = HIDDEN
    return rounded
