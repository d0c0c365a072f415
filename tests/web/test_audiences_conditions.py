"""The tab "Bedingungen": editing with and without JavaScript, preview, saving, and the way to the popup."""

import json
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from smsapp.audiences.models import Audience
from smsapp.extensions import db
from tests import factories
from tests.web.checker import CheckedClient

Fields = list[tuple[str, str]]
VIP: Fields = [("n.match", "all"), ("n.0.field", "labels"), ("n.0.operator", "has"), ("n.0.value", "VIP")]
EVERYBODY: Fields = [("n.match", "all")]


@pytest.fixture
def pages(sender: FlaskClient) -> CheckedClient:
    factories.settings()
    return CheckedClient(sender)


@pytest.fixture
def audience(pages: CheckedClient) -> Audience:
    """Two contacts of which one is a VIP, and an audience of both."""
    factories.contact(mobile="+49 171 5550101", labels=("VIP",))
    factories.contact("Bernd", "Busch", mobile="+49 171 5550102")
    made: Audience = factories.audience()
    return made


def post(pages: CheckedClient, audience: Audience, fields: Fields, do: str = "save", seen: str = "") -> TestResponse:
    seen = seen or audience.updated_at.isoformat()
    return pages.post(f"/audiences/{audience.id}/conditions", data=MultiDict([*fields, ("do", do), ("seen", seen)]))


def fragment(pages: CheckedClient, audience: Audience, name: str, fields: Fields, do: str = "") -> TestResponse:
    data = MultiDict([*fields, ("do", do), ("seen", audience.updated_at.isoformat())])
    return pages.fragment(f"/audiences/{audience.id}/conditions/{name}", "POST", data=data)


def stored(audience: Audience) -> Any:
    db.session.expire_all()
    return db.session.get_one(Audience, audience.id).tree


def figure_in(page: TestResponse) -> int:
    found = re.search(r'class="big-figure">(\d+)<', page.text)
    assert found
    return int(found[1])


def is_marked_unsaved(page: TestResponse) -> bool:
    return "badge-warn" in page.text


def controls(page: TestResponse) -> list[str]:
    """The names of all conditions' controls, in order."""
    return re.findall(r'<(?:select|input)[^>]* name="(n\.[^"]*)"', page.text)


# The page


def test_the_editor_shows_the_saved_conditions(pages: CheckedClient) -> None:
    tree = {
        "match": "all",
        "children": [
            {"field": "company_city", "operator": "is", "value": "Ham<b>urg"},
            {
                "match": "any",
                "children": [
                    {"field": "newsletter", "operator": "is", "value": True},
                    {"field": "company_industry", "operator": "one_of", "value": ["Handel", "Bau"]},
                    {"field": "birthday", "operator": "between", "value": ["1990-01-01", "1991-01-01"]},
                    {"field": "country", "operator": "is", "value": "FI"},
                    {"field": "consent", "operator": "is_not", "value": "no"},
                    {"field": "mobile", "operator": "begins_with", "value": "+49"},
                    {"field": "street", "operator": "is_empty"},
                ],
            },
        ],
    }
    page = pages.get(f"/audiences/{factories.audience(tree=tree).id}/conditions")
    assert not is_marked_unsaved(page)
    assert 'value="Ham&lt;b&gt;urg"' in page.text
    assert controls(page).count("n.1.1.value") == 3  # two values, and the template of a new one
    assert controls(page).count("n.1.2.value") == 2
    assert "n.1.6.value" not in controls(page)


def test_every_row_and_group_has_its_label(pages: CheckedClient, audience: Audience) -> None:
    page = post(pages, audience, VIP, "group:")
    assert len(re.findall(r'aria-label="[^"]* 1: [^"]+"', page.text)) == 3
    assert re.search(r"<legend[^>]*>[^<]* 2</legend>", page.text)


def test_without_conditions_it_says_how_many_all_are(pages: CheckedClient, audience: Audience) -> None:
    page = pages.get(f"/audiences/{audience.id}/conditions").text
    sentence = re.search(r'id="sentence"[^>]*>([^<]*)<', page)
    assert sentence
    assert "2" in sentence[1]


# Without JavaScript


def test_rows_and_groups_are_added_and_removed_by_plain_buttons(pages: CheckedClient, audience: Audience) -> None:
    page = post(pages, audience, VIP, "row:")
    assert controls(page) == ["n.match", "n.0.field", "n.0.operator", "n.0.value", "n.1.field"]
    page = post(pages, audience, VIP, "group:")
    assert controls(page)[-2:] == ["n.1.match", "n.1.0.field"]
    page = post(pages, audience, [*VIP, ("n.1.match", "any"), ("n.1.0.field", "")], "row:1")
    assert controls(page)[-3:] == ["n.1.match", "n.1.0.field", "n.1.1.field"]
    assert controls(post(pages, audience, VIP, "remove:0")) == ["n.match"]
    assert stored(audience)["children"] == []


def test_a_button_of_another_time_does_nothing(pages: CheckedClient, audience: Audience) -> None:
    for do in ("remove:7", "row:0", "group:x", "drop:0/9", "drop:0/", "unknown:", "remove:"):
        page = post(pages, audience, VIP, do)
        assert page.status_code == 200
        assert controls(page) == ["n.match", "n.0.field", "n.0.operator", "n.0.value"]


def test_a_value_of_a_list_is_dropped_by_a_plain_button(pages: CheckedClient, audience: Audience) -> None:
    fields = [("n.match", "all"), ("n.0.field", "labels"), ("n.0.operator", "has_any_of")]
    page = post(pages, audience, [*fields, ("n.0.value", "VIP"), ("n.0.value", "Messe")], "drop:0/0")
    assert 'value="VIP"' not in page.text.split("<datalist")[0]
    assert 'value="Messe"' in page.text


# Fragments


def test_another_field_brings_its_own_comparisons(pages: CheckedClient, audience: Audience) -> None:
    answer = fragment(
        pages, audience, "part/0", [("n.0.field", "birthday"), ("n.0.operator", "has"), ("n.0.value", "VIP")]
    )
    assert 'type="date"' in answer.text
    assert "VIP" not in answer.text
    assert answer.headers["HX-Trigger"] == "conditions-changed"
    assert controls(answer) == ["n.0.field", "n.0.operator", "n.0.value"]


def test_what_is_typed_is_never_swapped(pages: CheckedClient, audience: Audience) -> None:
    row = [("n.0.field", "city"), ("n.0.operator", "is"), ("n.0.value", "Ha")]
    assert re.search(r'id="n-0-value-text" hx-preserve', fragment(pages, audience, "part/0", row).text)
    assert controls(fragment(pages, audience, "preview", row)) == []


def test_a_new_part_comes_alone_and_takes_the_focus(pages: CheckedClient, audience: Audience) -> None:
    answer = fragment(pages, audience, "new-part", VIP, "row:")
    assert controls(answer) == ["n.1.field"]
    assert "autofocus" in answer.text
    group = fragment(pages, audience, "new-part", VIP, "group:")
    assert controls(group) == ["n.1.match", "n.1.0.field"]
    inner = fragment(pages, audience, "new-part", [*VIP, ("n.1.match", "any"), ("n.1.4.field", "city")], "row:1")
    assert controls(inner) == ["n.1.5.field"]


def test_what_was_removed_leaves_a_place_for_the_focus(pages: CheckedClient, audience: Audience) -> None:
    answer = fragment(pages, audience, "removed-part", [])
    assert "autofocus" in answer.text
    assert answer.headers["HX-Trigger"] == "conditions-changed"


def test_parts_that_are_not_there_are_not_found(pages: CheckedClient, audience: Audience) -> None:
    assert fragment(pages, audience, "part/7", VIP).status_code == 404
    assert fragment(pages, audience, "part/x", VIP).status_code == 404
    assert fragment(pages, audience, "new-part", VIP, "row:0").status_code == 404


# Preview


def test_the_preview_counts_before_anything_is_saved(pages: CheckedClient, audience: Audience) -> None:
    answer = fragment(pages, audience, "preview", VIP)
    assert figure_in(answer) == 1
    assert is_marked_unsaved(answer)
    assert "Anna Alt" in answer.text
    assert "Busch" not in answer.text
    assert 'hx-target="#sentence"' in answer.text
    assert 'hx-target="#seen"' not in answer.text
    assert stored(audience)["children"] == []


def test_the_preview_tells_whom_an_sms_would_reach(pages: CheckedClient, audience: Audience) -> None:
    factories.contact("Anton", "Alt", mobile="+49 171 5550101", labels=("VIP",))
    factories.contact("Ohne", "Nummer", labels=("VIP",))
    answer = fragment(pages, audience, "preview", VIP)
    lines = re.findall(r"<li><span>([^<]+)</span> <span>(\d+)</span></li>", answer.text)
    assert lines[:3] == [("erreichbar (Mobiltelefon)", "1"), ("ohne gültige Nummer", "1"), ("Dubletten", "1")]


def test_conditions_not_yet_complete_do_not_count(pages: CheckedClient, audience: Audience) -> None:
    answer = fragment(
        pages, audience, "preview", [*VIP, ("n.1.field", "city"), ("n.1.operator", "is"), ("n.1.value", "")]
    )
    assert figure_in(answer) == 1
    assert 'class="note note-warn"' in answer.text


def test_what_equals_the_saved_conditions_is_as_new_as_they_are(pages: CheckedClient, audience: Audience) -> None:
    answer = fragment(pages, audience, "preview", EVERYBODY)
    assert not is_marked_unsaved(answer)
    assert 'hx-target="#seen"' in answer.text


# Saving


def test_saved_conditions_are_stored_as_a_tree(pages: CheckedClient, audience: Audience) -> None:
    fields = [
        *VIP,
        ("n.4.match", "none"),
        ("n.4.0.field", "newsletter"),
        ("n.4.0.operator", "is"),
        ("n.4.0.value", "no"),
    ]
    answer = post(
        pages, audience, [*fields, ("n.5.field", "city"), ("n.5.operator", "one_of"), ("n.5.more", "Ulm, Kiel")]
    )
    assert answer.status_code == 303
    assert stored(audience) == {
        "match": "all",
        "children": [
            {"field": "labels", "operator": "has", "value": "VIP"},
            {"match": "none", "children": [{"field": "newsletter", "operator": "is", "value": False}]},
            {"field": "city", "operator": "one_of", "value": ["Ulm", "Kiel"]},
        ],
    }


@pytest.mark.parametrize(
    "row",
    [
        [("n.1.field", "")],
        [("n.1.field", "city"), ("n.1.operator", "is"), ("n.1.value", "  ")],
        [("n.1.field", "city"), ("n.1.operator", "is"), ("n.1.value", "a\0b")],
        [("n.1.field", "city"), ("n.1.operator", "is"), ("n.1.value", "x" * 201)],
        [("n.1.field", "mobile"), ("n.1.operator", "begins_with"), ("n.1.value", "0171")],
        [("n.1.field", "birthday"), ("n.1.operator", "is"), ("n.1.value", "2001-02-30")],
        [("n.1.match", "any")],
    ],
)
def test_what_cannot_be_saved_is_said_at_the_condition(pages: CheckedClient, audience: Audience, row: Fields) -> None:
    page = post(pages, audience, [*VIP, *row])
    assert page.status_code == 422
    assert len(re.findall("field-error", page.text)) == 1
    assert "field-error" in page.text.split('id="n-1"')[1]
    assert 'value="VIP"' in page.text
    assert stored(audience)["children"] == []


def test_more_than_a_hundred_conditions_are_refused(pages: CheckedClient, audience: Audience) -> None:
    rows = [
        (f"n.{n}.{name}", value) for n in range(101) for name, value in (("field", "city"), ("operator", "is_empty"))
    ]
    assert post(pages, audience, [("n.match", "all"), *rows]).status_code == 422


def test_two_editors_do_not_overwrite_each_other(pages: CheckedClient, audience: Audience) -> None:
    seen = audience.updated_at.isoformat()
    first = [("n.match", "all"), ("n.0.field", "city"), ("n.0.operator", "is"), ("n.0.value", "Ulm")]
    assert post(pages, audience, first, seen=seen).status_code == 303
    second = post(pages, audience, VIP, seen=seen)
    assert second.status_code == 409
    assert 'value="VIP"' in second.text
    assert "Ulm" in second.text
    assert stored(audience)["children"][0]["value"] == "Ulm"
    found = re.search(r'name="seen" id="seen" value="([^"]*)"', second.text)
    assert found
    assert post(pages, audience, VIP, seen=found[1]).status_code == 303
    assert stored(audience)["children"][0]["value"] == "VIP"


def test_a_mistake_does_not_make_the_form_newer_than_it_is(pages: CheckedClient, audience: Audience) -> None:
    seen = audience.updated_at.isoformat()
    assert post(pages, audience, VIP, seen=seen).status_code == 303
    wrong = post(pages, audience, [("n.match", "all"), ("n.0.field", "")], seen=seen)
    assert wrong.status_code == 422
    assert f'value="{seen}"' in wrong.text


# To the popup


def test_with_nothing_unsaved_the_button_leads_to_the_popup(pages: CheckedClient, audience: Audience) -> None:
    assert (
        f'formaction="/audiences/{audience.id}/conditions/send"'
        in pages.get(f"/audiences/{audience.id}/conditions").text
    )
    answer = fragment(pages, audience, "send", EVERYBODY)
    location = json.loads(answer.headers["HX-Location"])
    assert (location["path"], location["target"]) == (f"/audiences/{audience.id}/send", "#dialog")
    plain = pages.post(f"/audiences/{audience.id}/conditions/send", data=MultiDict(EVERYBODY))
    assert (plain.status_code, plain.location) == (303, f"/audiences/{audience.id}/send")


def test_with_unsaved_changes_it_asks_which_are_meant(pages: CheckedClient, audience: Audience) -> None:
    asked = fragment(pages, audience, "send", VIP)
    assert 'name="n.0.value" value="VIP"' in asked.text
    assert f'hx-get="/audiences/{audience.id}/send"' in asked.text
    assert '<button type="submit">' in asked.text
    assert f'formaction="/audiences/{audience.id}/conditions" data-close-dialog' in asked.text
    assert f'hx-post="/audiences/{audience.id}/conditions/save-and-send"' in asked.text
    page = pages.post(f"/audiences/{audience.id}/conditions/send", data=MultiDict(VIP))
    assert f'action="/audiences/{audience.id}/conditions/save-and-send"' in page.text


def test_save_and_continue_saves_first(pages: CheckedClient, audience: Audience) -> None:
    answer = fragment(pages, audience, "save-and-send", VIP)
    assert "HX-Location" in answer.headers
    assert answer.headers["HX-Trigger"] == "conditions-changed"
    assert stored(audience)["children"][0]["value"] == "VIP"


def test_incomplete_conditions_can_only_be_left_unsaved(pages: CheckedClient, audience: Audience) -> None:
    fields = [*VIP, ("n.1.field", "")]
    asked = fragment(pages, audience, "send", fields)
    assert '<button type="submit">' not in asked.text
    assert f'hx-get="/audiences/{audience.id}/send"' in asked.text
    assert fragment(pages, audience, "save-and-send", fields).status_code == 422
    assert stored(audience)["children"] == []


def test_save_and_continue_does_not_overwrite_somebody_elses(pages: CheckedClient, audience: Audience) -> None:
    post(pages, audience, [("n.match", "any"), ("n.0.field", "city"), ("n.0.operator", "is_empty")])
    answer = fragment(pages, audience, "save-and-send", VIP)
    assert answer.status_code == 409
    assert 'value="VIP"' in answer.text
    assert stored(audience)["children"][0]["field"] == "city"


def has_send_button(pages: CheckedClient, audience: Audience) -> bool:
    return "/conditions/send" in pages.get(f"/audiences/{audience.id}/conditions").text


def test_the_button_is_there_only_where_it_works(pages: CheckedClient, audience: Audience) -> None:
    assert has_send_button(pages, audience)
    assert not has_send_button(pages, factories.audience("Ruhend", active=False))
    assert not has_send_button(pages, factories.audience("Alt", archived=True))
    nobody = {"match": "all", "children": [{"field": "city", "operator": "is", "value": "Nirgends"}]}
    assert not has_send_button(pages, factories.audience("Leer", tree=nobody))
    factories.settings(module_on=False)
    assert not has_send_button(pages, audience)


def test_who_only_edits_cannot_send(editor: FlaskClient) -> None:
    factories.settings()
    pages = CheckedClient(editor)
    factories.contact()
    audience = factories.audience()
    assert not has_send_button(pages, audience)
    for name in ("send", "save-and-send"):
        assert fragment(pages, audience, name, VIP).status_code == 403


def test_hostile_values_stay_what_they_are(pages: CheckedClient, audience: Audience) -> None:
    for value in ('"><script>alert(1)</script>', "{{7*7}}", "%(x)s %s %", "'; DROP TABLE contact; --", "\\%_"):
        row = [("n.match", "all"), ("n.0.field", "city"), ("n.0.operator", "contains"), ("n.0.value", value)]
        answer = fragment(pages, audience, "preview", row)
        assert figure_in(answer) == 0
        assert "<script>alert" not in answer.text
        assert post(pages, audience, row, "refresh").status_code == 200


def test_too_many_conditions_are_told_at_the_group(pages: CheckedClient, audience: Audience) -> None:
    row = ("contains", "Alt")
    names = [
        (f"n.{n}.{part}", value) for n in range(21) for part, value in zip(("operator", "value"), row, strict=True)
    ]
    fields = [("n.match", "any"), *((f"n.{n}.field", "first_name") for n in range(21)), *names]
    answer = post(pages, audience, fields)
    assert answer.status_code == 422
    group = answer.text[answer.text.index('id="n-match"') : answer.text.index('id="n-parts"')]
    assert "höchstens 20 Bedingungen" in group
    assert answer.text.count('value="Alt"') == 21
    assert stored(audience) == factories.EVERYBODY
