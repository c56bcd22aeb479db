"""What a reader does with the map: click, key, search, compare, link, print."""

import json
from dataclasses import replace

import pytest

from boundaries.pages.map import draw_map, write_map

pytestmark = pytest.mark.browser

FILLS = """(pane) => [...document.querySelectorAll(`#${pane} path.area`)]
  .map((path) => path.getAttribute("fill"))"""
FOCUSED = "document.activeElement.dataset"


def panel(page) -> str:
    return page.locator("#panel").inner_text()


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def test_a_practice_says_where_its_patients_live(small_map, browser_run, open_page):
    page = open_page(small_map, fragment="#option=move-1")
    page.locator("[data-practice='A00004']").click()
    text = panel(page)
    place = browser_run.place
    mine = place.registrations[place.registrations["practice_code"] == "A00004"]
    plan = browser_run.option("move-1").plan
    by = mine.groupby(plan.lsoas.reindex(mine["lsoa_code"]).to_numpy())["patients"].sum()
    for patients in by:
        assert f"{patients:,}" in text
    assert f"{place.practices.loc['A00004', 'list_size']:,}" in text
    assert page.locator("#details h2").evaluate("node => node === document.activeElement")
    assert len(set(page.evaluate(FILLS, "pane-a"))) > 4  # shaded, not the three neighbourhoods


def test_an_lsoa_says_who_is_registered_where(small_map, browser_run, open_page):
    page = open_page(small_map)
    page.locator("[data-lsoa='E01000029']").dispatch_event("click")
    text = panel(page)
    assert "Squareborough 029" in text
    assert "PCN outside the place, U00009" in text
    assert "Team 2" in text
    lsoa = browser_run.place.lsoas.loc["E01000029"]
    assert f"{lsoa['residents']:,}" in text


def test_a_neighbourhood_and_a_pcn_open_from_one_another(small_map, browser_run, open_page):
    page = open_page(small_map, fragment="#option=move-1")
    page.locator("#pane-a .name-label").first.click()
    rows = browser_run.option("move-1").measures.neighbourhoods
    label = page.locator("#pane-a .name-label").first.get_attribute("data-name")
    assert f"{rows.loc[label, 'residents']:,}" in panel(page)
    page.locator("#details").get_by_role("button", name="PCN").first.click()
    text = panel(page)
    assert "What changes in this option" in text
    assert "Catchment in one piece" in text


def test_escape_closes_and_gives_focus_back(small_map, open_page):
    page = open_page(small_map)
    page.locator("[data-practice='A00002']").focus()
    press(page, "Enter")
    assert page.locator("#details").count() == 1
    press(page, "Escape")
    assert page.locator("#details").count() == 0
    assert page.evaluate(FOCUSED)["practice"] == "A00002"


def test_everything_is_reached_by_keyboard(small_map, open_page):
    page = open_page(small_map)
    press(page, "Tab")
    assert page.evaluate("document.activeElement.className").startswith("skip")
    reached = []
    while "BODY" not in reached and len(reached) < 100:
        press(page, "Tab")
        reached.append(
            page.evaluate("""() => {
              const { activeElement: node } = document;
              return [node.id, node.dataset.view, node.dataset.practice && "practice",
                node.dataset.lsoa && "lsoa", node.dataset.name && "name", node.name]
                .filter(Boolean).join(" ") || node.tagName; }""")
        )
    for stop in ("find", "map", "compare", "changes", "try", "tables", "fill", "lsoa", "name"):
        assert stop in reached, stop
    assert "practice" in reached
    assert "option" in reached
    assert reached.count("lsoa") == 1  # one stop for all areas; arrow keys from there
    assert reached.count("practice") == 1


def test_arrow_keys_go_to_the_next_thing_in_that_direction(small_map, open_page):
    page = open_page(small_map)
    page.locator("[data-lsoa='E01000000']").focus()
    press(page, "ArrowRight", "ArrowRight", "ArrowUp")
    assert page.evaluate(FOCUSED)["lsoa"] == "E01000008"
    press(page, "Enter")
    assert "Squareborough 008" in panel(page)
    page.locator("[data-practice='A00001']").focus()
    press(page, "ArrowRight")
    assert page.evaluate(FOCUSED)["practice"] in {"A00002", "A00003"}


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("practice 3", "Practice 3"),
        ("A00005", "Practice 5"),
        ("sq14aa", "Practice 4"),
        ("SQ1 4", "Practice 4"),
        ("birch", "Birch PCN"),
        ("U00003", "Cedar PCN"),
        ("e01000017", "Squareborough 017"),
    ],
)
def test_search_finds_by_name_code_and_postcode(small_map, open_page, typed, found):
    page = open_page(small_map)
    page.get_by_role("combobox", name="Find").fill(typed)
    assert page.get_by_role("option").first.inner_text().startswith(found)
    press(page, "Enter")
    assert page.locator("#details h2").inner_text() == found


def test_compare_links_two_maps(small_map, open_page):
    page = open_page(small_map, fragment="#option=as-is&view=compare&with=move-2")
    assert page.evaluate(FILLS, "pane-a") != page.evaluate(FILLS, "pane-b")
    box = "() => [...document.querySelectorAll('[data-lsoa=E01000014]')].map((path) => path.getBoundingClientRect().width)"  # noqa: E501
    before = page.evaluate(box)
    page.locator("#pane-a .leaflet-control-zoom-in").click()
    page.wait_for_timeout(700)
    after = page.evaluate(box)
    assert after[0] > before[0] * 1.1
    assert after[0] == pytest.approx(after[1], rel=0.01)


def test_what_changes_shows_only_what_differs(small_map, browser_run, open_page):
    page = open_page(small_map, fragment="#option=move-0&view=changes&with=move-2")
    one, other = browser_run.option("move-0"), browser_run.option("move-2")
    lsoas = (one.plan.lsoas != other.plan.lsoas).sum()
    assert f"{lsoas} of 30" in panel(page)
    grey = [fill for fill in page.evaluate(FILLS, "pane-a") if fill == "#eef1f3"]
    assert len(grey) == 30 - lsoas
    practices = one.measures.practices["pcn_code_option"].fillna("") != other.measures.practices[
        "pcn_code_option"
    ].fillna("")
    assert f"{practices.sum()} (" in panel(page)


def test_the_address_holds_the_state(small_map, open_page):
    page = open_page(small_map, fragment="#option=move-1")
    page.get_by_label("Colour areas by").select_option("deprivation")
    page.locator("#layers summary").click()
    page.get_by_label("Patches: Community nursing").check()
    page.locator("[data-lsoa='E01000007']").dispatch_event("click")
    there = page.evaluate("location.hash")
    again = open_page(small_map, fragment=there)
    assert again.evaluate(FILLS, "pane-a") == page.evaluate(FILLS, "pane-a")
    assert panel(again) == panel(page)
    assert again.evaluate("location.hash") == there


def test_an_address_from_another_run_does_no_harm(small_map, open_page):
    page = open_page(
        small_map, fragment="#option=gone&view=nowhere&fill=%3Cb%3E&lsoa=E01999999&show=x+names"
    )
    assert page.locator("#pane-a path.area").count() == 30


def test_layers_follow_their_switch(small_map, open_page):
    page = open_page(small_map)
    lines = "document.querySelectorAll('.leaflet-lines-pane path').length"
    before = page.evaluate(lines)
    page.locator("#layers summary").click()
    page.get_by_label("Patches: Adult social care").check()
    assert page.evaluate(lines) > before
    page.get_by_label("Practices", exact=True).uncheck()
    assert page.locator("#pane-a .practice").count() == 0


def test_every_fact_of_the_map_is_in_a_table(small_map, browser_run, open_page):
    page = open_page(small_map, fragment="#option=move-2&view=tables")
    for summary in page.locator(".tables > details:not([open]) > summary").all()[::-1]:
        summary.click()
    page.locator(".tables table").nth(6).wait_for()
    text = page.locator(".tables").inner_text()
    place = browser_run.place
    for code in [*place.lsoas.index, *place.practices.index]:
        assert code in text
    for option in browser_run.options:
        assert f"{option.measures.summary['misaligned_patients']:,}" in text


def test_printing_gives_a_page_an_option(small_map, open_page):
    page = open_page(small_map, fragment="#option=move-1")
    one = page.pdf(prefer_css_page_size=True)
    assert one.count(b"/Type /Page\n") == 1
    page.evaluate("window.print = () => {}")
    page.locator("#print summary").click()
    page.locator("#print-all").click()
    assert page.locator(".print article").count() == 4
    shapes = page.locator(".print svg.sheet path").evaluate_all(
        "paths => paths.filter((path) => path.getAttribute('d').length > 20).length"
    )
    assert shapes >= 4 * 5


def test_hostile_names_stay_text(browser_run, open_page, tmp_path):
    evil = '<img src=x onerror="window.hurt=1"></script><script>window.hurt=1</script>'
    place = browser_run.place
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
        for option in browser_run.options
    )
    path = write_map(replace(browser_run, place=place, options=options), tmp_path / "map.html")
    page = open_page(path, fragment="#option=move-2")
    page.locator("[data-practice='A00003']").click()
    page.locator("[data-practice='A00003']").hover()
    page.locator("[data-lsoa='E01000017']").dispatch_event("click")
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


def test_a_notebook_shows_it_offline(browser_run, open_page, tmp_path):
    cell = tmp_path / "cell.html"
    cell.write_text(
        "<!doctype html><html class='drawn'><body>" + draw_map(browser_run)._repr_html_(),
        encoding="utf-8",
    )
    page = open_page(cell)
    frame = page.frame_locator("iframe")
    frame.locator("html.drawn").wait_for(state="attached")
    assert frame.locator("path.area").count() == 30


def test_the_payload_is_valid_and_small(small_map):
    text = small_map.read_text(encoding="utf-8")
    payload = text.split('id="payload">')[1].split("</script>")[0]
    assert len(json.loads(payload)["options"]) == 4
    assert len(text.encode()) < 400_000
