"""Credits in one line: every publisher, right and year, nothing twice."""

from boundaries.pages.credit import credit_line

FULL = (
    (
        "Contains Ordnance Survey, Royal Mail and National Statistics data © Crown copyright and "
        "database right 2025 (Code-Point Open)."
    ),
    (
        "Contains information from NHS England (formerly NHS Digital), licensed under the Open "
        "Government Licence v3.0."
    ),
    (
        "Source: Office for National Statistics licensed under the Open Government Licence v3.0. "
        "Contains OS data © Crown copyright and database right 2022–2025."
    ),
)


def test_nothing_is_said_twice_and_nobody_is_left_out():
    assert credit_line(FULL) == (
        "Contains OS, Royal Mail and National Statistics data © Crown copyright and database right "
        "2022–2025. Contains information from NHS England (formerly NHS Digital). "
        "Source: Office for National Statistics. Open Government Licence v3.0."
    )


def test_words_of_no_known_form_stay_as_they_are():
    made_up = "Made-up data: no place, practice or person in it exists."
    assert credit_line([made_up, made_up]) == made_up
    assert credit_line(["Source: The council (patches v.2.gpkg)."]) == (
        "Source: The council (patches v.2.gpkg)."
    )
    assert credit_line([]) == ""


def test_a_licence_of_another_kind_is_not_swallowed():
    line = "Contains data of the council, all rights reserved."
    assert credit_line([line, FULL[1]]).startswith(line)
