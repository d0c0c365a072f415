"""Reading, writing and rendering tags."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from text_strategies import any_text, markup, thorough

from smsapp.text.billing import Width, width_of
from smsapp.text.tag_names import FIELDS, NAMES, SPELLINGS, display_name, fold
from smsapp.text.tags import Literal, Tag, TagError, Template, escape, parse, render, write

FIRST, LAST = Tag("first_name"), Tag("last_name")

keys = st.sampled_from([field.key for field in FIELDS])
plain = st.text(st.characters(exclude_characters="{}|", exclude_categories=["Cs"]), max_size=10)
tags = st.builds(Tag, keys, st.none() | plain.map(str.strip))
literals = st.builds(Literal, st.text(min_size=1, max_size=10) | markup.filter(bool))
values = st.dictionaries(keys, st.none() | any_text | markup)


def source(parts: list[Literal | Tag], language: str = "de") -> str:
    return "".join(
        escape(part.text) if isinstance(part, Literal) else write(display_name(part.field, language), part.substitute)
        for part in parts
    )


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ()),
        ("Hallo", (Literal("Hallo"),)),
        ("Hallo {Vorname}!", (Literal("Hallo "), FIRST, Literal("!"))),
        ("{Vorname}{Nachname}", (FIRST, LAST)),
        ("{Vorname|Kunde}", (Tag("first_name", "Kunde"),)),
        ("{Vorname|}", (Tag("first_name", ""),)),
        ("{Vorname| }", (Tag("first_name", ""),)),
        ("{ Vorname | lieber Kunde }", (Tag("first_name", "lieber Kunde"),)),
        ("{VORNAME}{vorname}", (FIRST, FIRST)),
        ("{First name}{first   NAME}", (FIRST, FIRST)),
        ("{Firma Ort}{firma\u00a0ort}", (Tag("company_city"), Tag("company_city"))),
        ("{Straße}{STRASSE}{strasse}", (Tag("street"),) * 3),
        ("{{Vorname}}", (Literal("{Vorname}"),)),
        ("{{7*7}}", (Literal("{7*7}"),)),
        ("{{{Vorname}}}", (Literal("{"), FIRST, Literal("}"))),
        ("{{{{Vorname}}}}", (Literal("{{Vorname}}"),)),
        ("{{}}", (Literal("{}"),)),
        ("}}{{", (Literal("}{"),)),
        ("{Vorname}}}", (FIRST, Literal("}"))),
        ("a|b", (Literal("a|b"),)),
        ("{% if x %}".replace("{", "{{").replace("}", "}}"), (Literal("{% if x %}"),)),
        ("<script>{Vorname}</script>", (Literal("<script>"), FIRST, Literal("</script>"))),
    ],
)
def test_texts_that_can_be_read(text: str, parts: tuple[Literal | Tag, ...]) -> None:
    assert parse(text) == Template(parts)


@pytest.mark.parametrize(
    ("text", "code", "position", "name", "suggestion"),
    [
        ("{", "lone_brace", 0, "{", "{{"),
        ("}", "lone_brace", 0, "}", "}}"),
        ("a } b", "lone_brace", 2, "}", "}}"),
        ("😀{Vorname", "lone_brace", 1, "{", "{{"),
        ("{Vorname}}", "lone_brace", 9, "}", "}}"),
        ("{{Vorname}", "lone_brace", 9, "}", "}}"),
        ("{{{", "lone_brace", 2, "{", "{{"),
        ("}}}", "lone_brace", 2, "}", "}}"),
        ("{Vor{name}", "lone_brace", 0, "{", "{{"),
        ("{Vorname|{Nachname}}", "lone_brace", 0, "{", "{{"),
        ("{Vorname|{{x}}}", "lone_brace", 0, "{", "{{"),
        ("a {}", "empty_tag", 2, "", None),
        ("{ \n}", "empty_tag", 0, " \n", None),
        ("{|Kunde}", "empty_tag", 0, "", None),
        ("Hallo {Vornmae}", "unknown_tag", 6, "Vornmae", "Vorname"),
        ("{ vor name }", "unknown_tag", 0, "vor name", "Vorname"),
        ("{Firstname|x}", "unknown_tag", 0, "Firstname", "First name"),
        ("{Strase}", "unknown_tag", 0, "Strase", "Straße"),
        ("{Firma Orte}", "unknown_tag", 0, "Firma Orte", "Firma Ort"),
        ("{7*7}", "unknown_tag", 0, "7*7", None),
        ("{% Vorname %}", "unknown_tag", 0, "% Vorname %", "Vorname"),
        ("{first_name}", "unknown_tag", 0, "first_name", "First name"),
        ("{__class__}", "unknown_tag", 0, "__class__", None),
        ("{Vorname|a|b}", "second_bar", 0, "Vorname", None),
        ("{Vorname||}", "second_bar", 0, "Vorname", None),
    ],
)
def test_texts_that_cannot_be_read(text: str, code: str, position: int, name: str, suggestion: str | None) -> None:
    with pytest.raises(TagError) as caught:
        parse(text)
    error = caught.value
    assert (error.code, error.position, error.name, error.suggestion) == (code, position, name, suggestion)


def test_the_first_fault_is_told() -> None:
    with pytest.raises(TagError) as caught:
        parse("{Vorname} {} }")
    assert (caught.value.code, caught.value.position) == ("empty_tag", 10)


def test_a_very_long_name_gets_no_suggestion() -> None:
    with pytest.raises(TagError) as caught:
        parse("{" + "vorname" * 100_000 + "}")
    assert caught.value.suggestion is None


def test_a_house_may_give_its_own_names() -> None:
    assert parse("{Etunimi}", {"etunimi": "first_name"}) == Template((FIRST,))
    with pytest.raises(TagError) as caught:
        parse("{Etunim}", {"etunimi": "first_name"})
    assert caught.value.suggestion == "etunimi"


@pytest.mark.parametrize(
    ("text", "values", "rendered"),
    [
        ("Hallo {Vorname}!", {"first_name": "Zoë"}, "Hallo Zoë!"),
        ("Hallo {Vorname}!", {"first_name": ""}, "Hallo !"),
        ("Hallo {Vorname}!", {"first_name": None}, "Hallo !"),
        ("Hallo {Vorname}!", {}, "Hallo !"),
        ("Hallo {Vorname|Kunde}!", {"first_name": None}, "Hallo Kunde!"),
        ("Hallo {Vorname|Kunde}!", {"first_name": ""}, "Hallo Kunde!"),
        ("Hallo {Vorname|Kunde}!", {"first_name": "Zoë"}, "Hallo Zoë!"),
        ("Hallo {Vorname|}!", {"first_name": ""}, "Hallo !"),
        ("{Vorname}{Nachname}", {"first_name": "{Nachname}", "last_name": "{Vorname}"}, "{Nachname}{Vorname}"),
        ("{Vorname}", {"first_name": "{{7*7}}"}, "{{7*7}}"),
        ("{Vorname}", {"first_name": "<script>alert(1)</script>"}, "<script>alert(1)</script>"),
        ("{Vorname}", {"first_name": r"\g<0> \1 %s {0}"}, r"\g<0> \1 %s {0}"),
        ("{{{Vorname}}}", {"first_name": "😀"}, "{😀}"),
        ("{Vorname} und {Vorname}", {"first_name": "👨\u200d👩"}, "👨\u200d👩 und 👨\u200d👩"),
    ],
)
def test_rendered_texts(text: str, values: dict[str, str | None], rendered: str) -> None:
    assert render(parse(text), values) == rendered


def test_what_a_template_tells() -> None:
    template = parse("A {Ort} {Vorname|du} {Firma}{{ {Vorname} {Ort} {Nachname|}")
    assert template.fields == ("city", "first_name", "company_name", "last_name")
    assert template.required == ("city", "company_name", "first_name")
    assert template.literal_text == "A   {   "
    assert template.tags[:2] == (Tag("city"), Tag("first_name", "du"))
    assert len(template.tags) == 6


def test_substitutes_are_added_only_where_there_is_none() -> None:
    template = parse("{Vorname} {Vorname|du} {Ort}").with_substitutes({"first_name": "{Nachname}"})
    assert template == Template(
        (Tag("first_name", "{Nachname}"), Literal(" "), Tag("first_name", "du"), Literal(" "), Tag("city"))
    )
    assert render(template, {"last_name": "Alt"}) == "{Nachname} du "


def test_written_tags() -> None:
    assert write("Vorname") == "{Vorname}"
    assert write("Vorname", "Kunde") == "{Vorname|Kunde}"
    assert write("Vorname", "") == "{Vorname|}"


@pytest.mark.parametrize(("name", "substitute"), [("a|b", None), ("", None), (" ", "x"), ("a", "{"), ("a", "b|c")])
def test_what_cannot_be_read_back_is_not_written(name: str, substitute: str | None) -> None:
    with pytest.raises(ValueError, match="not to be written"):
        write(name, substitute)


@thorough
@given(any_text | markup)
def test_an_escaped_text_is_read_as_nothing_but_itself(text: str) -> None:
    template = parse(escape(text))
    assert template.tags == ()
    assert render(template, {}) == text


@thorough
@given(st.lists(literals | tags, max_size=8), st.sampled_from(["de", "en"]))
def test_what_is_written_is_read_back(parts: list[Literal | Tag], language: str) -> None:
    template = parse(source(parts, language))
    assert template.tags == tuple(part for part in parts if isinstance(part, Tag))
    assert template.literal_text == "".join(part.text for part in parts if isinstance(part, Literal))
    assert all(
        not (isinstance(a, Literal) and isinstance(b, Literal))
        for a, b in zip(template.parts, template.parts[1:], strict=False)
    )


@thorough
@given(st.lists(literals | tags, max_size=8), values)
def test_values_are_inserted_once_and_never_read(parts: list[Literal | Tag], values: dict[str, str | None]) -> None:
    expected = "".join(
        part.text if isinstance(part, Literal) else values.get(part.field) or part.substitute or "" for part in parts
    )
    assert render(parse(source(parts)), values) == expected


@thorough
@given(st.lists(literals | tags, max_size=8), st.dictionaries(keys, any_text))
def test_a_rendered_text_is_as_wide_as_its_parts(parts: list[Literal | Tag], values: dict[str, str]) -> None:
    template = parse(source(parts))
    inserted = (width_of(values.get(tag.field) or tag.substitute or "") for tag in template.tags)
    assert width_of(render(template, values)) == sum(inserted, width_of(template.literal_text))
    assert width_of(template.literal_text) + Width() == width_of(template.literal_text)


@thorough
@given(markup)
def test_reading_succeeds_or_points_at_a_brace(text: str) -> None:
    try:
        parse(text)
    except TagError as error:
        assert text[error.position] in "{}"


def test_no_two_fields_share_a_name() -> None:
    names = [fold(name) for field in FIELDS for name in {field.de, field.en}]
    assert len(names) == len(set(names)) == len(NAMES)


def test_every_name_is_written_as_it_is_spelt() -> None:
    for folded, name in SPELLINGS.items():
        assert fold(name) == folded
        assert parse(write(name)).fields == (NAMES[folded],)


def test_names_of_the_company_begin_with_its_word() -> None:
    for field in FIELDS:
        assert field.de.startswith("Firma") == field.en.startswith("Company") == (field.owner == "company")


@pytest.mark.parametrize(
    ("key", "language", "name"),
    [
        ("first_name", "de", "Vorname"),
        ("first_name", "en", "First name"),
        ("first_name", "en_GB", "First name"),
        ("company_city", "de-AT", "Firma Ort"),
        ("company_city", "fi", "Firma Ort"),
    ],
)
def test_names_by_language(key: str, language: str, name: str) -> None:
    assert display_name(key, language) == name


def test_an_unknown_field_has_no_name() -> None:
    with pytest.raises(KeyError):
        display_name("shoe_size", "de")
