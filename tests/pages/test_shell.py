"""The page shell: data stays data, the policy names every script, files are whole or absent."""

import base64
import hashlib
import json
import re

import pytest

from boundaries.errors import AssetError
from boundaries.pages import shell

HOSTILE = "</script><img src=x onerror=alert(1)>\u2028&lt;"


def page(**changes):
    values = {
        "title": "A title",
        "generator": "boundaries",
        "styles": [],
        "head": "",
        "body_class": "",
        "body": shell.Markup("<main><h1>Heading</h1></main>"),
        "data": shell.embed_json({"name": HOSTILE}, "payload"),
        "scripts": [shell.Markup("var one = 1;")],
    }
    return shell.render_template("page.html", values | changes)


def test_json_comes_back_and_holds_no_tag():
    html = str(shell.embed_json({"name": HOSTILE}, "payload"))
    inner = re.fullmatch(
        r'<script type="application/json" id="payload">(.*)</script>', html, flags=re.DOTALL
    )[1]
    assert "<" not in inner
    assert json.loads(inner) == {"name": HOSTILE}


def test_policy_allows_exactly_the_scripts_in_the_page():
    html = shell.finish_page(page())
    code = re.search(r"<script>(.*?)</script>", html, flags=re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}';" in html
    assert "unsafe-inline" not in html.split("script-src")[1].split(";")[0]
    assert "default-src 'none'" in html


def test_line_ends_of_another_system_do_not_break_the_policy():
    def of(line_end):
        return shell.finish_page(page(scripts=[shell.Markup(f"var a = 1;{line_end}var b = 2;")]))

    assert of("\r\n") == of("\r") == of("\n")


def test_names_are_escaped_in_templates():
    html = page(title="<b>Squareborough</b>")
    assert "<title>&lt;b&gt;Squareborough&lt;/b&gt;</title>" in html


def test_a_page_that_calls_out_is_not_finished():
    with pytest.raises(AssetError, match=r"evil\.example"):
        shell.finish_page(page(body=shell.Markup('<img src="https://evil.example/x.png">')))


def test_write_is_whole_or_not_at_all(tmp_path):
    target = tmp_path / "new" / "page.html"
    assert shell.write_page("one", target) == target
    with pytest.raises(UnicodeEncodeError):
        shell.write_page("two \ud800", target)
    assert target.read_text() == "one"
    assert [path.name for path in target.parent.iterdir()] == ["page.html"]
