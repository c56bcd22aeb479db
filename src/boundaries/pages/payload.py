"""A run as the JSON that its map needs: geometry once, options as rows of numbers.

Goes in: a `Run`. Comes out: a dictionary of plain lists. Small numbers are hidden in the run
before anything is taken from it, so that no page holds them. Next: `boundaries.pages.map`, which
embeds it; its reader is ``templates/map/data.js``, and the two change together (`VERSION`).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from boundaries.pages import words
from boundaries.pages.care import odd_lists
from boundaries.pages.colour import DECILES, NOT_ASSIGNED, SHARES
from boundaries.pages.identity import identify
from boundaries.pages.naming import pcn_signs
from boundaries.pages.payload_place import HIDDEN, counts, place_payload, positions, whole
from boundaries.pages.readable import for_readers
from boundaries.run.tables import counts_people

if TYPE_CHECKING:
    from boundaries.pages.identity import Identities
    from boundaries.run import Option, Run
    from boundaries.study import Lock

__all__ = ["VERSION", "run_payload"]

VERSION: Final = 3
"""Of the payload; the page's scripts refuse any other."""


def run_payload(run: Run, identities: Identities | None = None) -> dict[str, Any]:
    """Return everything that the map of a run needs, and nothing that the study hides.

    Parameters
    ----------
    run
        The run; its study says whether small numbers are hidden.
    identities
        From `boundaries.pages.identity.identify`, where they are known already.

    Returns
    -------
    dict
        JSON-ready; order and numbers are the same on every run.
    """
    run = for_readers(run)
    identities = identities or identify(run)
    data = place_payload(run.place)
    data["pcns"] |= _facts(run)
    odd = odd_lists(run)
    data["practices"]["care"] = [odd.get(str(code), "") for code in run.place.practices.index]
    return {
        "version": VERSION,
        "title": words.title_of(run),
        "place": run.place.name,
        "discussion": words.discussion(run),
        "attribution": list(words.attribution_lines(run.place.sources)),
        "suppressed": run.suppressed,
        "colours": list(identities.colours),
        "scales": {"deciles": DECILES, "shares": SHARES, "none": NOT_ASSIGNED},
        **data,
        "rules": _rules(run),
        "options": [_option(run, option, identities) for option in run.options],
        "settled": _settled(run),
    }


def _facts(run: Run) -> dict[str, Any]:
    """Return what is known of each PCN today, in the order of the place's PCNs."""
    facts, known = run.facts.reindex(run.place.pcns.index), pcn_signs(run)
    signs = [known[str(code)] for code in run.place.pcns.index]
    catchment = positions(run.catchment.reindex(run.place.lsoas.index), run.place.pcns.index)
    return {
        "parts": whole(facts["catchment_parts"]),
        "letter": [letter for letter, _ in signs],
        "shape": [shape for _, shape in signs],
        "listInside": [_number(value) for value in facts["list_inside_share"]],
        "catchmentRegistered": [_number(value) for value in facts["catchment_registered_share"]],
        "catchment": catchment,
    }


def _rules(run: Run) -> dict[str, Any]:
    rules, place = run.study.rules, run.place
    everybody = int(place.lsoas["residents"].sum())
    most = max([rules.counts[1], *(len(option.plan.neighbourhoods) for option in run.options)])
    return {
        "counts": list(rules.counts),
        "limits": [list(rules.residents_limits(everybody, k)) for k in range(1, most + 1)],
        "nest": rules.nest_in == "borough",
        "locks": [_lock(lock) for lock in run.study.locks],
        "pounds": run.study.rates.pounds_per_patient_a_year,
    }


def _lock(lock: Lock) -> dict[str, Any]:
    named = {
        "together": list(lock.together),
        "apart": list(lock.apart),
        "stays": list(lock.stays),
        "practice": lock.practice,
        "joins": lock.joins,
        "reason": lock.reason,
    }
    return {key: value for key, value in named.items() if value}


def _option(run: Run, option: Option, identities: Identities) -> dict[str, Any]:
    labels = list(option.plan.neighbourhoods)
    index = pd.Index(labels, dtype=object)
    place, measures = run.place, option.measures
    practices = measures.practices.reindex(place.practices.index)
    return {
        "id": option.option_id,
        "family": option.family,
        "title": option.title,
        "status": option.status,
        "proof": words.proof_words(option),
        "gap": _number(option.gap),
        "labels": labels,
        "names": _names(option, labels),
        "identity": [identities.of[option.option_id, label] for label in labels],
        "lsoas": positions(option.plan.lsoas.reindex(place.lsoas.index), index),
        "practices": positions(option.plan.practices.reindex(place.practices.index), index),
        "pcn": positions(practices["pcn_code_option"], place.pcns.index),
        "moved": whole(practices["moved"]),
        "anchors": [
            positions(_parts(text), index)
            for text in measures.pcns["anchors"].reindex(place.pcns.index)
        ],
        "summary": _summary(option),
        "neighbourhoods": _neighbourhoods(option, labels),
        "broken": [[broken.rule, broken.subject, broken.said] for broken in measures.broken],
        "moves": _moves(run, option),
    }


def _names(option: Option, labels: list[str]) -> list[str]:
    names = option.measures.neighbourhoods["name"].reindex(labels)
    return [label if pd.isna(name) or not name else str(name) for label, name in names.items()]  # type: ignore[misc]  # labels are text


def _parts(text: object) -> list[str]:
    return [part for part in str(text).split("; ") if part] if isinstance(text, str) else []


def _summary(option: Option) -> dict[str, float | int | None]:
    """Return the figures of an option; a count of people that is not shown is `HIDDEN`."""
    return {
        name: HIDDEN if counts_people(name) and pd.isna(value) else _number(value, digits=6)
        for name, value in option.measures.summary.items()
    }


def _neighbourhoods(option: Option, labels: list[str]) -> dict[str, Any]:
    frame = option.measures.neighbourhoods.reindex(labels)
    return {
        "residents": counts(frame["residents"]),
        "registered": counts(frame["registered"]),
        "practices": whole(frame["practices"]),
        "lsoas": whole(frame["lsoas"]),
        "alignment": [_number(value) for value in frame["alignment"]],
    }


def _moves(run: Run, option: Option) -> list[list[Any]]:
    rows = run.moves[run.moves["option_id"] == option.option_id]
    return [
        [practice, gained, str(why)]
        for practice, gained, why in zip(
            positions(rows["practice_code"], run.place.practices.index),
            whole(rows["patients_gained"]),
            rows["why"],
            strict=True,
        )
    ]


def _settled(run: Run) -> dict[str, Any] | None:
    """Return shares, how many plans they were counted over, and what was shown to stay.

    A settled table of an earlier version says the shares alone.
    """
    if run.settled.empty:
        return None
    by_code = run.settled.drop_duplicates("code").set_index("code")
    ours = {"lsoas": run.place.lsoas.index, "practices": run.place.practices.index}
    found: dict[str, Any] = {
        kind: [_number(value) for value in by_code["share"].reindex(codes)]
        for kind, codes in ours.items()
    }
    if "sure" in by_code:
        stays = by_code["sure"] == "stays"
        found["stays"] = {
            kind: whole(stays.reindex(codes, fill_value=False)) for kind, codes in ours.items()
        }
    plans = by_code.get("plans")
    return found | {"plans": None if plans is None else whole(plans)[0]}


def _number(value: object, *, digits: int = 6) -> float | int | None:
    """Return a JSON number as short as it can be, or None for what is not known."""
    if value is None or pd.isna(value):  # type: ignore[call-overload]  # any scalar may stand here
        return None
    number = float(value)  # type: ignore[arg-type]  # as above
    if not math.isfinite(number):
        return None
    rounded = round(number, digits)
    return int(rounded) if rounded == int(rounded) else rounded
