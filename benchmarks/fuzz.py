"""Files as they come out of other programs, hurt on purpose: what becomes of each.

`python -m benchmarks.fuzz --mutants 10000 --seed 1` takes the files of the example in turn, hurts
each in one of the ways below, and runs `boundaries check` on the study with the hurt file. It
prints a table of outcomes:

``refused``    one error or more, in words
``told``       no error, and a warning or note that the whole file does not give
``unchanged``  no word, and the place is the same to the last figure
``silent``     no word, and the place is another one: a fault of this tool, unless no reader could
               see the change (a digit of a number is another digit)
``traceback``  anything but a list of problems: a fault of this tool

Every mutant is made from the seed and its own number, so that one can be had again (`--only`).
"""

from __future__ import annotations

import argparse
import random
import shutil
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from boundaries.errors import BoundariesError
from boundaries.pipeline import prepare
from boundaries.study import load_study

if TYPE_CHECKING:
    from collections.abc import Callable

    from boundaries.place import Place

EXAMPLE = Path(__file__).resolve().parents[1] / "data" / "example"

HURTS: dict[str, Callable[[bytes, random.Random], bytes]] = {}
VISIBLE = {"byte flipped", "digit changed", "value copied"}
"""Hurts that may leave a file which nobody could tell from a true one."""


def hurt(name: str) -> Callable[[Callable[..., bytes]], Callable[..., bytes]]:
    def keep(function: Callable[..., bytes]) -> Callable[..., bytes]:
        HURTS[name] = function
        return function

    return keep


@hurt("byte flipped")
def flip(content: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(content))
    return content[:at] + bytes([content[at] ^ (1 << chance.randrange(8))]) + content[at + 1 :]


@hurt("file cut")
def cut(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(len(content))]


@hurt("piece taken out")
def take_out(content: bytes, chance: random.Random) -> bytes:
    at, size = chance.randrange(len(content)), chance.randrange(1, 2000)
    return content[:at] + content[at + size :]


@hurt("rows dropped")
def drop_rows(content: bytes, chance: random.Random) -> bytes:
    lines = content.splitlines(keepends=True)
    share = chance.choice([0.001, 0.01, 0.1])
    return b"".join(line for n, line in enumerate(lines) if n == 0 or chance.random() > share)


@hurt("rows doubled")
def double_rows(content: bytes, chance: random.Random) -> bytes:
    lines = content.splitlines(keepends=True)
    at = chance.randrange(len(lines))
    return b"".join([*lines[: at + 1], *lines[at:]])


@hurt("cell emptied")
def empty_cell(content: bytes, chance: random.Random) -> bytes:
    return _in_a_cell(content, chance, lambda _: b"")


@hurt("digit changed")
def change_digit(content: bytes, chance: random.Random) -> bytes:
    def other(cell: bytes) -> bytes:
        places = [n for n, byte in enumerate(cell) if 48 <= byte <= 57]
        if not places:
            return cell
        at = chance.choice(places)
        return cell[:at] + str(chance.randrange(10)).encode() + cell[at + 1 :]

    return _in_a_cell(content, chance, other)


@hurt("odd word in a cell")
def odd_word(content: bytes, chance: random.Random) -> bytes:
    words = (
        b"n/a",
        b"-1",
        b"1e999",
        b"NaN",
        b"1,000",
        b"#REF!",
        b"\x00",
        b"\xff\xfe",
        b"=1+1",
        b"*",
    )
    return _in_a_cell(content, chance, lambda _: chance.choice(words))


@hurt("value copied")
def copy_value(content: bytes, chance: random.Random) -> bytes:
    lines = content.splitlines(keepends=True)
    donor = chance.choice(lines).rstrip().split(b",")
    return _in_a_cell(content, chance, lambda _: chance.choice(donor))


@hurt("columns swapped")
def swap_columns(content: bytes, chance: random.Random) -> bytes:
    lines = content.splitlines()
    count = lines[0].count(b",") + 1
    if count < 2:
        return content
    one, other = chance.sample(range(count), 2)
    rows = [line.split(b",") for line in lines]
    for row in rows[1:]:
        if len(row) == count:
            row[one], row[other] = row[other], row[one]
    return b"\n".join(b",".join(row) for row in rows) + b"\n"


@hurt("another encoding")
def encode(content: bytes, chance: random.Random) -> bytes:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return content
    return text.encode(chance.choice(["utf-8-sig", "utf-16", "cp1252"]), errors="replace")


@hurt("another line end")
def end_lines(content: bytes, chance: random.Random) -> bytes:
    return content.replace(b"\r\n", b"\n").replace(b"\n", chance.choice([b"\r\n", b"\r", b"\n\n"]))


def _in_a_cell(content: bytes, chance: random.Random, change: Callable[[bytes], bytes]) -> bytes:
    lines = content.splitlines(keepends=True)
    at = chance.randrange(len(lines))
    cells = lines[at].rstrip(b"\r\n").split(b",")
    place = chance.randrange(len(cells))
    cells[place] = change(cells[place])
    return b"".join([*lines[:at], b",".join(cells) + b"\n", *lines[at + 1 :]])


def fingerprint(place: Place) -> str:
    """Return a text that two places share only when every figure of them is the same."""
    frames = [
        place.lsoas.drop(columns="geometry"), place.practices.drop(columns="geometry"),
        place.pcns, place.registrations, place.elsewhere, place.neighbours, place.cut_pairs,
        *(layer.shares for layer in place.teams.values()),
    ]  # fmt: skip
    sums = [
        int(
            pd.util.hash_pandas_object(frame.astype(str), index=True)
            .to_numpy()
            .sum(dtype=np.uint64)
        )
        for frame in frames
    ]
    return " ".join(map(str, [*sums, round(float(place.lsoas.geometry.area.sum()))]))


def outcome(study: Path, known: tuple[str, frozenset[str]] | None) -> tuple[str, str]:
    """Run the study's files as far as the place; return what came of it, and a word about it."""
    try:
        ready = prepare(load_study(study))
    except BoundariesError as error:
        return "refused", str(error).splitlines()[-1]
    except Exception:  # noqa: BLE001 - that is what is looked for
        return "traceback", traceback.format_exc()
    said = frozenset(f"{one.level} {one.said}" for one in ready.problems)
    print_of = fingerprint(ready.place)
    if known is None:
        return print_of, "\n".join(said)
    if said != known[1]:
        return "told", ""
    return ("unchanged" if print_of == known[0] else "silent"), ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mutants", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="folder for mutants that were a fault")
    wanted = parser.parse_args()
    begun, counts = time.monotonic(), Counter[tuple[str, str]]()
    with tempfile.TemporaryDirectory() as name:
        home = Path(name) / "study"
        shutil.copytree(EXAMPLE, home)
        whole, said = outcome(home / "study.toml", None)
        known = (whole, frozenset(said.split("\n")))
        files = sorted(path for path in home.iterdir())
        for number in range(wanted.first, wanted.first + wanted.mutants):
            chance = random.Random(f"{wanted.seed}-{number}")  # noqa: S311 - not for secrets
            path = files[number % len(files)]
            kind = chance.choice(list(HURTS))
            before = path.read_bytes()
            path.write_bytes(HURTS[kind](before, chance))
            result, word = outcome(home / "study.toml", known)
            if result == "silent" and kind in VISIBLE:
                result = "silent, a true file to any reader"
            counts[kind, result] += 1
            if result in {"traceback", "silent"}:
                print(f"{number} {path.name} {kind}: {result} {word}", flush=True)
                if wanted.keep is not None:
                    wanted.keep.mkdir(parents=True, exist_ok=True)
                    (wanted.keep / f"{number}-{path.name}").write_bytes(path.read_bytes())
            path.write_bytes(before)
    rows = [(*key, count) for key, count in counts.items()]
    frame = pd.DataFrame(rows, columns=["hurt", "outcome", "mutants"])
    table = frame.pivot_table(
        index="hurt", columns="outcome", values="mutants", aggfunc="sum", fill_value=0
    )
    print(table.assign(all=table.sum(axis=1)).to_string())
    print(f"{wanted.mutants} mutants, seed {wanted.seed}, {time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    main()
