"""Neighbours differ in colour, in every option at once."""

import itertools

from boundaries.pages.colour import PALETTE, colour_neighbours


def test_few_neighbourhoods_have_a_colour_each():
    names = [str(number) for number in range(9)]
    assert sorted(colour_neighbours(names, []).values()) == list(range(9))


def test_a_grid_of_forty_is_coloured_without_a_clash():
    cells = list(itertools.product(range(8), range(5)))
    names = [f"{x},{y}" for x, y in cells]
    touching = [
        (f"{x},{y}", f"{x + dx},{y + dy}")
        for x, y in cells
        for dx, dy in ((1, 0), (0, 1), (1, 1))
        if (x + dx, y + dy) in cells
    ]
    given = colour_neighbours(names, touching)
    assert list(given) == names
    assert all(given[a] != given[b] for a, b in touching)
    assert set(given.values()) <= set(range(len(PALETTE)))


def test_where_colours_run_out_the_rarest_pair_shares():
    names = ["a", "b", "c"]
    touching = [("a", "b")] * 3 + [("b", "c")] * 3 + [("a", "c")]
    given = colour_neighbours(names, touching, colours=2)
    assert given["a"] == given["c"] != given["b"]


def test_the_order_of_pairs_does_not_matter():
    names = [str(number) for number in range(12)]
    touching = [(a, b) for a, b in itertools.combinations(names, 2) if (int(a) + int(b)) % 3]
    assert colour_neighbours(names, touching) == colour_neighbours(names, touching[::-1])
