"""The page checker finds what it is there to find."""

import pytest

from tests.web.checker import parse, problems_of

PAGE = """<!doctype html><html lang="de"><head><title>Kontakte</title></head><body>{}</body></html>"""


def found(body: str) -> list[str]:
    return problems_of(parse(PAGE.format(f"<h1>Kontakte</h1>{body}")))


def test_a_sound_page_has_no_problems() -> None:
    body = """<form method="post"><input type="hidden" name="csrf_token" value="x"><label for="a">A</label>
      <input id="a" name="a" aria-describedby="b"><small id="b">B</small><label><input type="checkbox"> C</label>
      <button type="submit">Los</button></form><img src="/x.png" alt="">"""
    assert found(body) == []


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ("<h1>Noch eine</h1>", "h1"),
        ('<p id="a"></p><p id="a"></p>', "2 times"),
        ('<input name="q">', "no label"),
        ('<input name="q" id="q"><label for="q"> </label>', "no label"),
        ('<select name="q"><option>1</select>', "no label"),
        ('<p aria-describedby="nowhere">', "nowhere"),
        ('<label for="nowhere">A</label>', "nowhere"),
        ("<script>1</script>", "inline"),
        ("<style>p {}</style>", "inline"),
        ('<p style="color: red">', "style"),
        ('<p onclick="x()">', "onclick"),
        ('<p hx-on:click="x()">', "hx-on"),
        ('<a href=" JavaScript:x()">A</a>', "script"),
        ("<a hx-vals='js:{a: 1}' href='/'>A</a>", "script"),
        ('<p hx-get="/" hx-trigger="keyup[ctrlKey]">', "filter"),
        ("<button>A</button>", "no type"),
        ('<button type="button"> </button>', "no name"),
        ('<a href="/x"></a>', "no name"),
        ('<img src="/x.png">', "alt"),
        ('<form method="POST"></form>', "csrf_token"),
        ('<form method="post"><input type="hidden" name="csrf_token" value=""></form>', "csrf_token"),
        ('<p hx-post="/x"></p>', "csrf_token"),
        ("<table><tr><td>1</td></tr></table>", "header cells"),
        ("<fieldset><p>1</p></fieldset>", "legend"),
        ("<div><p></div></p>", "mend"),
    ],
)
def test_a_fault_is_found(body: str, word: str) -> None:
    assert any(word in problem for problem in found(body))


def test_a_page_needs_a_title_of_its_own_and_a_language() -> None:
    page = "<!doctype html><html><head><title> · Kurzpost</title></head><body><h1>A</h1></body></html>"
    assert len(problems_of(parse(page))) == 2


def test_a_fragment_has_no_h1() -> None:
    assert problems_of(parse("<h1>A</h1>")) == ["a fragment has an h1"]


def test_a_fragment_may_name_an_id_of_its_page() -> None:
    fragment = parse('<p aria-describedby="hint"></p>')
    assert problems_of(fragment, ["hint"]) == []
    assert problems_of(fragment, ["other"]) != []


def test_a_fragment_of_an_unknown_page_may_name_anything() -> None:
    assert problems_of(parse('<p aria-describedby="hint"></p>')) == []


def test_a_table_row_alone_is_a_fragment() -> None:
    assert problems_of(parse("<tr><td>1</td></tr>")) == []
