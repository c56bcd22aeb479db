"""Leaflet comes from the installed package, checked; a page that would call out is refused."""

import shutil

import pytest

from boundaries.errors import AssetError
from boundaries.pages import assets


def test_leaflet_can_be_inlined():
    shipped = assets.leaflet()
    assert "sourceMappingURL" not in shipped.script
    assert "</script" not in shipped.script.lower()
    assert "url(images/" not in shipped.style
    assert shipped.style.count("url(data:image/png;base64,") == 3
    assert "THIS SOFTWARE IS PROVIDED" in shipped.licence


def test_a_changed_file_is_refused(tmp_path):
    shutil.copytree(assets._package_folder(), tmp_path / "data")
    (tmp_path / "data" / "leaflet.js").write_text("alert(1)")
    with pytest.raises(AssetError, match=r"leaflet\.js is not the one .* pip install"):
        assets.leaflet(tmp_path / "data")


def test_a_missing_file_says_what_to_install(tmp_path):
    with pytest.raises(AssetError, match=r"cannot be read\. Install the release"):
        assets.leaflet(tmp_path)


@pytest.mark.parametrize(
    ("html", "named"),
    [
        ('<script src="https://cdn.example/a.js"></script>', "cdn.example/a.js"),
        ('<link rel="stylesheet" href="//cdn.example/a.css">', "cdn.example/a.css"),
        ('<img src="http://tiles.example/1.png">', "tiles.example"),
        ('<iframe src="page2.html"></iframe>', "page2.html"),
        ("<style>p { background: url(https://a.example/x.png) }</style>", "a.example/x.png"),
        ("<style>@import 'more.css';</style>", "more.css"),
        ('<p style="background:url(x.png)">', "x.png"),
        ("<form action='https://a.example/'></form>", "a.example"),
    ],
)
def test_outside_calls_are_named(html, named):
    with pytest.raises(AssetError, match=named):
        assets.require_self_contained(f"<html><body>{html}</body></html>")


def test_links_and_data_uris_pass():
    assets.require_self_contained(
        '<a href="https://www.england.nhs.uk">source</a><img src="data:image/png;base64,AA">'
        '<style>p { background: url("data:image/png;base64,AA") }</style><use href="#shape"/>'
        '<script>var text = "src=https://only.text";</script>'
    )
