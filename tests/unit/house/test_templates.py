"""Templates import what they use, and all of them are used."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
TEMPLATES = {
    path.relative_to(ROOT / "templates").as_posix(): path.read_text() for path in ROOT.glob("templates/**/*.html")
}
IMPORT = re.compile(r'\{% from "[^"]+" import (.+?)(?: with context)? %\}')
MACRO = re.compile(r"\{% macro (\w+)\(")


def words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text))


def test_what_is_imported_is_used() -> None:
    unused = {
        (name, macro)
        for name, text in TEMPLATES.items()
        for found in IMPORT.findall(text)
        for macro in words(found) - words(IMPORT.sub("", text))
    }
    assert unused == set()


def test_every_macro_is_used() -> None:
    everything = " ".join(MACRO.sub("", IMPORT.sub("", text)) for text in TEMPLATES.values())
    assert {macro for text in TEMPLATES.values() for macro in MACRO.findall(text)} - words(everything) == set()


def test_every_template_is_named_somewhere() -> None:
    code = "".join(path.read_text() for path in ROOT.glob("smsapp/**/*.py"))
    everything = code + "".join(TEMPLATES.values())
    assert {name for name in TEMPLATES if name not in everything} == {"errors/no_database.html"}


def test_what_is_called_is_imported() -> None:
    """Also in fragments, which would otherwise live on what the page around them has imported."""
    macros = {macro for text in TEMPLATES.values() for macro in MACRO.findall(text)}
    missing = {
        (name, macro)
        for name, text in TEMPLATES.items()
        for macro in macros - words(" ".join([*IMPORT.findall(text), *MACRO.findall(text)]))
        if re.search(rf"(?<![\w.]){macro}\(", text)
    }
    assert missing == set()
