"""Long words that a table's cell may break."""

import pytest

from smsapp.web.formats import breakable


@pytest.mark.parametrize(
    "text", ["", "Alt & Söhne", "Elbkontor Handelsgesellschaft mbH", "Wolkenstein-Achterndiek-Süd", "x" * 24, "👍" * 40]
)
def test_usual_words_stay_as_they_are(text: str) -> None:
    assert breakable(text).unescape() == text
    assert "<wbr>" not in breakable(text)


def test_nothing_is_empty() -> None:
    assert breakable(None) == ""


def test_a_long_word_may_break() -> None:
    assert breakable("Zu " + "x" * 25) == "Zu " + "<wbr>".join(("x" * 12, "x" * 12, "x"))


def test_breaks_change_nothing_that_is_read() -> None:
    word = "Donaudampfschifffahrtsgesellschaft & <b>" + "ä@ö.ü" * 9
    assert breakable(word).striptags() == " ".join(breakable(word).replace("<wbr>", "").unescape().split())
    assert breakable(word).replace("<wbr>", "").unescape() == word


def test_what_it_gets_is_escaped() -> None:
    assert breakable('<b title="a">') == "&lt;b title=&#34;a&#34;&gt;"
