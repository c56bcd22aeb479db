"""Small numbers are hidden, and the rest rounded, before a page is made."""

import numpy as np
import pandas as pd

from boundaries.render.disclosure import HIDDEN, suppressed


def test_small_numbers_are_hidden_and_the_rest_rounded():
    given = pd.Series([0, 1, 7, 8, 12, 13, 4321])
    assert suppressed(given, "nhs").tolist() == [0, HIDDEN, HIDDEN, 10, 10, 15, 4320]
    assert np.array_equal(suppressed(given, None), given)
