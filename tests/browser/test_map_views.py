"""What a reader does with the map of the example: click, search, compare, link, print."""

import json
from dataclasses import replace

import pytest

from boundaries.pages.map import draw_map, write_map
from boundaries.pages.words import share

pytestmark = pytest.mark.browser

FILLS = """(pane) => [...document.querySelectorAll(`#${pane} path.area`)]
  .map((path) => path.getAttribute("fill"))"""


def panel(page) -> str:
    return page.locator("#panel").inner_text()


def the_move(run, option_id="move-2"):
    """The first practice that moves: its row of the moves' table."""
    return run.moves[run.moves["option_id"] == option_id].iloc[0]


def test_a_practice_says_where_its_patients_live_and_why_it_moves(seen_run, example_map, open_page):
    move, place = the_move(seen_run), seen_run.place
    page = open_page(example_map, fragment="#option=move-2")
    page.locator(f"#pane-a [data-practice='{move['practice_code']}']").click()
    text = page.locator("#details").inner_text()
    mine = place.registrations[place.registrations["practice_code"] == move["practice_code"]]
    plan = seen_run.option("move-2").plan
    by = mine.groupby(plan.lsoas.reindex(mine["lsoa_code"]).to_numpy())["patients"].sum()
    for patients in by:
        assert f"{patients:,}" in text
    assert f"{place.practices.loc[move['practice_code'], 'list_size']:,}" in text
    assert move["why"] in text
    assert move["pcn_name_from"] in text
    assert move["pcn_name_to"] in text
    assert page.locator("#details h2").evaluate("node => node === document.activeElement")
    assert page.evaluate(FILLS, "pane-a").count("#ffffff") < 150  # shaded by its patients


def test_an_lsoa_says_who_is_registered_where(seen_run, example_map, open_page):
    place = seen_run.place
    code = place.elsewhere.groupby("lsoa_code")["patients"].sum().idxmax()
    page = open_page(example_map, fragment="#option=move-1")
    page.locator(f"#pane-a [data-lsoa='{code}']").dispatch_event("click")
    text = page.locator("#details").inner_text()
    lsoa = place.lsoas.loc[code]
    assert lsoa["lsoa_name"] in text
    assert f"{lsoa['residents']:,}" in text
    pcn = place.practices["pcn_code"].reindex(place.registrations["practice_code"]).to_numpy()
    here = place.registrations["lsoa_code"] == code
    by = place.registrations[here].groupby(pcn[here.to_numpy()])["patients"].sum()
    away = place.elsewhere[place.elsewhere["lsoa_code"] == code].set_index("pcn_code")["patients"]
    ours = away.index.isin(place.pcns.index)  # practices outside the place, of a PCN of the place
    for patients in by.add(away[ours], fill_value=0):
        assert f"{patients:,.0f}" in text
    assert f"PCN outside the place, {away[~ours].index.dropna()[0]}" in text
    assert not any(f"PCN outside the place, {pcn}" in text for pcn in place.pcns.index)
    plan = seen_run.option("move-1").plan
    for layer in place.teams.values():
        shares = layer.shares.merge(place.lsoas["residents"], left_on="lsoa_code", right_index=True)
        people = shares["share"] * shares["residents"]
        at = plan.lsoas.reindex(shares["lsoa_code"]).to_numpy()
        anchors = people.groupby([shares["team"], at]).sum().unstack(fill_value=0).idxmax(axis=1)
        for team in shares.loc[shares["lsoa_code"] == code, "team"]:
            assert team in text
            line = next(line for line in text.split("\n") if team in line)
            assert ("would change" in line) == (anchors[team] != plan.lsoas[code])


def test_a_neighbourhood_says_who_is_in_it(seen_run, example_map, open_page):
    page = open_page(example_map, fragment="#option=move-2")
    name = page.locator("#pane-a .name-label").first
    label = name.get_attribute("data-name")
    name.click()
    text = page.locator("#details").inner_text()
    option = seen_run.option("move-2")
    row = option.measures.neighbourhoods.loc[label]
    for figure in (row["residents"], row["registered"]):
        assert f"{figure:,}" in text
    assert share(row["alignment"]) in text
    inside = option.plan.practices[option.plan.practices == label].index
    for practice in seen_run.place.practices.loc[inside, "practice_name"]:
        assert practice in text


def test_what_happens_to_my_pcn_is_the_first_question(seen_run, example_map, open_page):
    move = the_move(seen_run)
    page = open_page(example_map, fragment="#option=move-2")
    page.get_by_label("What happens to my PCN?").focus()
    page.get_by_label("What happens to my PCN?").select_option(label=move["pcn_name_from"])
    assert page.evaluate("document.activeElement.id") == "my-pcn"  # choosing is not going away
    details = page.locator("#details")
    text = details.inner_text()
    assert "leave" in details.locator(".lead").inner_text()
    assert move["why"] in text
    rows = details.locator("table").first.locator("tbody tr")
    assert rows.count() == len(seen_run.options)
    place, option = seen_run.place, seen_run.option("move-2")
    mine = place.practices.index[place.practices["pcn_code"] == move["pcn_code_from"]]
    theirs = place.registrations[place.registrations["practice_code"].isin(mine)]
    at_home = (
        option.plan.lsoas.reindex(theirs["lsoa_code"]).to_numpy()
        == option.plan.practices.reindex(theirs["practice_code"]).to_numpy()
    )
    aligned = theirs["patients"][at_home].sum() / theirs["patients"].sum()
    assert (
        share(aligned)
        in rows.nth([o.option_id for o in seen_run.options].index("move-2")).inner_text()
    )
    living = details.locator("table", has_text="Where its patients live").inner_text()
    by = theirs.groupby(option.plan.lsoas.reindex(theirs["lsoa_code"]).to_numpy())["patients"].sum()
    for patients in by:
        assert f"{patients:,}" in living
    first = [option.option_id for option in seen_run.options].index("move-0")
    rows.nth(first).get_by_role("button").click()
    assert "option=move-0" in page.evaluate("location.hash")
    assert "stay" in details.locator(".lead").inner_text()


def test_a_pcn_opens_from_its_neighbourhood(example_map, open_page):
    page = open_page(example_map, fragment="#option=move-2")
    page.locator("#pane-a .name-label").first.click()
    page.locator("#details").get_by_role("button", name="PCN").first.click()
    assert "Catchment in one piece" in panel(page)


def test_a_practice_away_from_its_neighbourhood_shows_it(seen_run, example_map, open_page):
    page = open_page(example_map, fragment="#option=move-2")
    plan, place = seen_run.option("move-2").plan, seen_run.place
    names = seen_run.option("move-2").measures.neighbourhoods["name"]
    stands = place.practices[["geometry"]].sjoin(place.lsoas[["geometry"]], predicate="within")
    away = stands[
        plan.lsoas.reindex(stands["lsoa_code"]).to_numpy()
        != plan.practices.reindex(stands.index).to_numpy()
    ]
    assert len(away) > 0
    assert f"({len(away)} practice" in panel(page)
    for code in place.practices.index:
        said = page.locator(f"#pane-a [data-practice='{code}']").get_attribute("aria-label")
        assert (f"belongs to {names[plan.practices[code]]}" in said) == (code in away.index)


@pytest.mark.parametrize("by", ["practice_name", "code", "postcode", "packed postcode"])
def test_search_finds_a_practice(seen_run, example_map, open_page, by):
    practice = seen_run.place.practices.iloc[7]
    typed = {
        "code": practice.name,
        "packed postcode": practice["postcode"].replace(" ", "").lower(),
    }
    page = open_page(example_map)
    page.get_by_role("combobox", name="Find").fill(typed.get(by) or practice[by])
    page.keyboard.press("Enter")
    assert page.locator("#details h2").inner_text() == practice["practice_name"]


def test_search_finds_lsoas_and_pcns(seen_run, example_map, open_page):
    page = open_page(example_map)
    lsoa, pcn = seen_run.place.lsoas.iloc[17], seen_run.place.pcns.iloc[2]
    for typed, found in (
        (lsoa.name.lower(), lsoa["lsoa_name"]),
        (lsoa["lsoa_name"], lsoa["lsoa_name"]),
        (pcn.name, pcn["pcn_name"]),
        (pcn["pcn_name"].upper(), pcn["pcn_name"]),
    ):
        page.get_by_role("combobox", name="Find").fill(typed)
        page.keyboard.press("Enter")
        assert page.locator("#details h2").inner_text() == found
    page.get_by_role("combobox", name="Find").fill("nowhere at all")
    assert page.get_by_role("option").first.inner_text() == "Nothing found"


def test_compare_links_two_maps_and_sets_them_side_by_side(seen_run, example_map, open_page):
    page = open_page(example_map, fragment="#option=as-is&view=compare&with=move-2")
    assert page.evaluate(FILLS, "pane-a") != page.evaluate(FILLS, "pane-b")
    code = seen_run.place.lsoas.index[70]
    box = f"() => [...document.querySelectorAll('[data-lsoa={code}]')].map((path) => path.getBoundingClientRect().width)"  # noqa: E501
    before = page.evaluate(box)
    page.locator("#pane-a .leaflet-control-zoom-in").click()
    page.wait_for_timeout(600)
    after = page.evaluate(box)
    assert after[0] > before[0] * 1.1
    assert after[0] == pytest.approx(after[1], rel=0.01)
    text = panel(page)
    for option_id in ("as-is", "move-2"):
        summary = seen_run.option(option_id).measures.summary
        assert share(summary["alignment"]) in text
        changing = f"{summary['residents_changing_community_nursing']:,.0f}"
        assert (changing in text) == (option_id != "as-is")  # nobody's team changes today


def test_what_changes_shows_only_what_differs(seen_run, example_map, open_page):
    page = open_page(example_map, fragment="#option=move-0&view=changes&with=move-2")
    one, other = seen_run.option("move-0"), seen_run.option("move-2")
    lsoas = (one.plan.lsoas != other.plan.lsoas).sum()
    assert f"{lsoas} of 150" in panel(page)
    grey = [fill for fill in page.evaluate(FILLS, "pane-a") if fill == "#eef1f3"]
    assert len(grey) == 150 - lsoas
    now = one.measures.practices["pcn_code_option"].fillna("")
    then = other.measures.practices["pcn_code_option"].fillna("")
    assert f"{(now != then).sum()} (" in panel(page)
    for code in now.index[now != then]:
        assert seen_run.place.practices.loc[code, "practice_name"] in panel(page)


def test_the_address_holds_the_state(seen_run, example_map, open_page):
    page = open_page(example_map, fragment="#option=move-1")
    page.get_by_label("Colour by").select_option("deprivation")
    page.locator("#layers summary").click()
    page.get_by_label("Patches: Community nursing").check()
    code = seen_run.place.lsoas.index[40]
    page.locator(f"[data-lsoa='{code}']").dispatch_event("click")
    there = page.evaluate("location.hash")
    again = open_page(example_map, fragment=there)
    assert again.evaluate(FILLS, "pane-a") == page.evaluate(FILLS, "pane-a")
    assert panel(again) == panel(page)
    assert again.evaluate("location.hash") == there


def test_back_and_forward_walk_through_what_was_seen(example_map, open_page):
    page = open_page(example_map)
    shown = "document.querySelector('input[name=option]:checked').value"
    page.locator("input[name=option][value='move-1']").check()
    page.locator("input[name=option][value='move-2']").check()
    page.get_by_label("What happens to my PCN?").select_option(index=2)
    page.locator("[data-view=tables]").click()
    page.go_back()
    assert page.locator("#details").count() == 1
    assert page.locator(".tables").is_hidden()
    page.go_back()
    assert page.locator("#details").count() == 0
    assert page.evaluate(shown) == "move-2"
    page.go_back()
    assert page.evaluate(shown) == "move-1"
    page.go_forward()
    assert page.evaluate(shown) == "move-2"
    page.evaluate("location.hash = '#option=as-is&fill=alignment'")
    page.wait_for_function(f"{shown} === 'as-is'")
    assert page.get_by_label("Colour by").input_value() == "alignment"


def test_an_address_from_another_run_does_no_harm(small_map, open_page):
    page = open_page(
        small_map, fragment="#option=gone&view=nowhere&fill=%3Cb%3E&lsoa=E01999999&show=x+names"
    )
    assert page.locator("#pane-a path.area").count() == 30


def test_layers_follow_their_switch(example_map, open_page):
    page = open_page(example_map)
    lines = "document.querySelectorAll('.leaflet-lines-pane path').length"
    before = page.evaluate(lines)
    page.locator("#layers summary").click()
    page.get_by_label("Patches: Adult social care").check()
    patches = page.evaluate(lines)
    assert patches > before
    page.get_by_label("Neighbour pairs cut or added").check()
    assert page.evaluate(lines) > patches
    page.get_by_label("Practices", exact=True).uncheck()
    assert page.locator("#pane-a .practice").count() == 0


def test_every_fact_of_the_map_is_in_a_table(small_run, small_map, open_page):
    page = open_page(small_map, fragment="#option=move-1&view=tables")
    for summary in page.locator(".tables > details:not([open]) > summary").all()[::-1]:
        summary.click()
    page.locator(".tables table").nth(6).wait_for()
    text = page.locator(".tables").inner_text()
    for code in [*small_run.place.lsoas.index, *small_run.place.practices.index]:
        assert code in text
    for option in small_run.options:
        assert f"{option.measures.summary['misaligned_patients']:,}" in text


def test_printing_gives_a_page_an_option(seen_run, example_map, open_page):
    page = open_page(example_map, fragment="#option=move-2")
    one = page.pdf(prefer_css_page_size=True)
    assert one.count(b"/Type /Page\n") == 1
    assert b"/MediaBox [0 0 841.9" in one or b"/MediaBox [0 0 842" in one  # A4, landscape
    page.evaluate("window.print = () => {}")
    page.locator("#print summary").click()
    page.locator("#print-all").click()
    assert page.locator(".print article").count() == len(seen_run.options)
    for at, option in enumerate(seen_run.options):
        said = page.locator(".print article").nth(at).text_content()
        assert ("Option for discussion" in said) == option.proposed
    shapes = page.locator(".print svg.sheet path").evaluate_all(
        "paths => paths.filter((path) => path.getAttribute('d').length > 20).length"
    )
    assert shapes >= len(seen_run.options) * 5


def test_hostile_names_stay_text(seen_run, open_page, tmp_path):
    evil = '<img src=x onerror="window.hurt=1"></script><script>window.hurt=1</script>'
    place = seen_run.place
    place = replace(
        place,
        name=evil,
        practices=place.practices.assign(practice_name=evil, postcode=evil),
        pcns=place.pcns.assign(pcn_name=evil, waiver=evil),
        lsoas=place.lsoas.assign(lsoa_name=evil, ward_name=evil),
    )
    options = tuple(
        replace(
            option,
            title=evil,
            measures=replace(
                option.measures, neighbourhoods=option.measures.neighbourhoods.assign(name=evil)
            ),
        )
        for option in seen_run.options
    )
    run = replace(seen_run, place=place, options=options, moves=seen_run.moves.assign(why=evil))
    page = open_page(write_map(run, tmp_path / "map.html"), fragment="#option=move-2")
    practice = page.locator("#pane-a .practice.moved").first
    practice.hover()
    practice.click()
    page.locator("#pane-a path.area").nth(70).dispatch_event("click")
    page.get_by_label("What happens to my PCN?").select_option(index=1)
    for view in ("compare", "changes", "try", "tables", "map"):
        page.locator(f"[data-view={view}]").click()
    page.pdf()
    page.get_by_role("combobox", name="Find").fill("img")
    assert page.evaluate("window.hurt") is None
    assert page.locator("img").count() == 0
    assert "onerror" in panel(page)


def test_the_browser_itself_refuses_to_call_out(small_map, chromium):
    page = chromium.new_context().new_page()
    refused = []
    page.on("console", lambda message: refused.append(message.text))
    page.goto(small_map.as_uri())
    page.evaluate("""() => {
      const image = new Image(); image.src = "https://example.org/x.png"; document.body.append(image);
      const code = document.createElement("script"); code.text = "window.hurt = 1"; document.body.append(code);
    }""")  # noqa: E501
    page.wait_for_timeout(300)
    assert sum("Content Security Policy" in text for text in refused) >= 2
    assert page.evaluate("window.hurt") is None
    page.context.close()


def test_a_notebook_shows_it_offline(seen_run, open_page, tmp_path):
    cell = tmp_path / "cell.html"
    cell.write_text(
        "<!doctype html><html class='drawn'><body>" + draw_map(seen_run)._repr_html_(),
        encoding="utf-8",
    )
    page = open_page(cell)
    frame = page.frame_locator("iframe")
    frame.locator("html.drawn").wait_for(state="attached")
    assert frame.locator("path.area").count() == 150
    frame.locator("input[name=option][value='move-2']").check()
    assert frame.locator(".practice.moved").count() > 0


def test_the_payload_is_valid_and_small(small_map):
    text = small_map.read_text(encoding="utf-8")
    payload = text.split('id="payload">')[1].split("</script>")[0]
    assert len(json.loads(payload)["options"]) == 4
    assert len(text.encode()) < 400_000
