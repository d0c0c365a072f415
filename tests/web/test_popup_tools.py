"""What helps while composing: templates, a cheaper wording, other recipients, a test SMS to oneself."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from smsapp.accounts.models import User
from smsapp.delivery.models import Campaign, Delivery
from smsapp.extensions import db, db_write
from smsapp.message_templates.models import MessageTemplate
from tests import factories
from tests.web.checker import CheckedClient

OWN = "+491715559999"
pytestmark = pytest.mark.usefixtures("queue_server", "invariants_hold")


@pytest.fixture
def pages(sender: FlaskClient) -> CheckedClient:
    factories.settings()
    factories.quota(100)
    factories.audience()
    factories.contact("Anna", "Alt", mobile="+491711234567")
    factories.contact("Maximiliane", "Çelik", mobile="+491711234568", city="Ulm")
    return CheckedClient(sender)


@pytest.fixture
def own_number(pages: CheckedClient) -> None:
    with db_write() as session:
        session.scalars(select(User)).one().phone = OWN


def posted(pages: CheckedClient, path: str, text: str = "Hallo {Vorname}", **values: Any) -> Any:
    data = {"sender": "", "phone_field": "mobile", "text": text, "send_key": "k" * 32, **values}
    return pages.fragment(f"/audiences/1/send/{path}", "POST", data=data)


def saved(pages: CheckedClient, **values: Any) -> Any:
    data = {"sender": "", "phone_field": "work", "text": "Hallo {Vorname}", "template_name": "Gruß", **values}
    return pages.fragment("/templates/composed/1", "POST", data=data)


def templates() -> list[MessageTemplate]:
    return list(db.session.scalars(select(MessageTemplate)))


def test_what_is_composed_is_saved_as_a_template(pages: CheckedClient) -> None:
    factories.sender_name("KURZPOST")
    assert "„Gruß“" in saved(pages, sender="1").text
    (template,) = templates()
    assert (template.text, template.sender, template.phone_field) == ("Hallo {Vorname}", "KURZPOST", "work")


def test_without_a_name_the_text_is_the_name(pages: CheckedClient) -> None:
    saved(pages, template_name=" ")
    assert [template.name for template in templates()] == ["Hallo {Vorname}"]


@pytest.mark.parametrize("text", [" ", "{Vornam}", "x" * 481])
def test_what_cannot_be_sent_is_no_template(pages: CheckedClient, text: str) -> None:
    assert saved(pages, text=text).status_code == 422
    assert templates() == []


def test_a_name_twice_is_told(pages: CheckedClient) -> None:
    saved(pages)
    assert "schon eine Vorlage" in saved(pages).text


def test_a_template_replaces_what_is_typed_and_chooses_its_sender(pages: CheckedClient) -> None:
    factories.sender_name("KURZPOST")
    saved(pages, sender="1", text="Guten Tag")
    answer = posted(pages, "template", "🎉 alt", template="1").text
    assert 'data-insert="Guten Tag" data-start="0" data-end="6"' in answer
    assert '<option selected value="1">KURZPOST</option>' in answer
    assert '<option selected value="work">' in answer


def test_without_javascript_the_popup_comes_back_with_the_template(pages: CheckedClient) -> None:
    saved(pages, text="Guten Tag")
    page = pages.post("/audiences/1/send/template", data={"text": "alt", "template": "1", "phone_field": "mobile"})
    assert "Guten Tag</textarea>" in page.text


@pytest.mark.parametrize(
    ("text", "said"), [("Guten Tag", "Als Vorlage „Gruß“ gespeichert."), ("{Vornam}", "{Vorname}?")]
)
def test_without_javascript_saving_a_template_keeps_what_is_typed(pages: CheckedClient, text: str, said: str) -> None:
    data = {"text": text, "phone_field": "work", "send_key": "k" * 32, "template_name": "Gruß"}
    page = pages.post("/templates/composed/1", data=data, follow_redirects=True)
    assert said in page.text
    assert f"{text}</textarea>" in page.text
    assert '<option selected value="work">' in page.text


@pytest.mark.parametrize(("text", "said"), [("Guten Tag", "+49 171 5559999"), ("{Vornam}", "{Vorname}?")])
def test_without_javascript_a_test_leads_to_its_send_or_back_to_the_text(
    pages: CheckedClient, own_number: None, text: str, said: str
) -> None:
    data = {"text": text, "phone_field": "mobile", "send_key": "k" * 32, "test_key": "one", "preview_position": "1"}
    page = pages.post("/audiences/1/send/test", data=data, follow_redirects=True)
    assert said in page.text
    assert text in page.text
    assert len(list(db.session.scalars(select(Campaign)))) == (text == "Guten Tag")


def test_the_text_that_a_template_replaced_can_be_brought_back(pages: CheckedClient) -> None:
    saved(pages, text="Guten Tag")
    answer = posted(pages, "template", "Mein „langer“\nText", template="1")
    assert 'name="previous" value="Mein „langer“\nText"' in answer.text
    back = posted(pages, "restore", "Guten Tag", previous="Mein „langer“\r\nText").text
    assert 'data-insert="Mein „langer“\nText" data-start="0" data-end="9"' in back


def test_an_empty_text_is_nothing_to_bring_back(pages: CheckedClient) -> None:
    saved(pages, text="Guten Tag")
    assert "previous" not in posted(pages, "template", " ", template="1").text


@pytest.mark.parametrize("template", ["", "99", "x"])
def test_a_template_that_is_not_there_is_404(pages: CheckedClient, template: str) -> None:
    assert posted(pages, "template", template=template).status_code == 404


def test_a_cheaper_wording_is_shown_as_a_difference(pages: CheckedClient) -> None:
    answer = posted(pages, "figures", "„" + "x" * 80 + "“").text
    assert "<del>„</del><ins>&#34;</ins>" in answer


def test_nothing_is_offered_where_nothing_is_saved(pages: CheckedClient) -> None:
    assert "<del>" not in posted(pages, "figures", "„kurz“").text
    assert "<del>" not in posted(pages, "figures", "x" * 80 + "ë").text


def test_what_would_cost_more_is_not_offered(pages: CheckedClient) -> None:
    assert "<del>" not in posted(pages, "figures", "„" + "x" * 158 + "…").text


def test_the_cheaper_wording_is_edits_of_the_text(pages: CheckedClient) -> None:
    answer = posted(pages, "plainer", "🎉„" + "x" * 80).text
    assert answer.count("data-insert") == 0  # an emoji keeps it expensive
    answer = posted(pages, "plainer", "a„" + "x" * 80).text
    assert 'data-insert="&#34;" data-start="1" data-end="2"' in answer


def test_a_wording_that_only_takes_fewer_parts_is_not_called_cheaper(pages: CheckedClient) -> None:
    answer = posted(pages, "figures", "a„" + "x" * 80).text
    assert "Weniger Teilnachrichten mit einfachen Zeichen:" in answer
    assert "Günstiger" not in answer
    factories.settings(billing_rule="network_segments")
    assert "Günstiger mit einfachen Zeichen:" in posted(pages, "figures", "a„" + "x" * 80).text


def test_other_recipients_lead_to_their_preview(pages: CheckedClient) -> None:
    answer = posted(pages, "examples/longest").text
    assert answer.index("Hallo Maximiliane") < answer.index("Hallo Anna")
    assert "/audiences/1/send/preview?preview=2" in answer


def test_a_recipient_is_searched(pages: CheckedClient) -> None:
    answer = posted(pages, "examples/found", who="celik").text
    assert "Hallo Maximiliane" in answer
    assert "Hallo Anna" not in answer
    assert "Kein Empfänger" in posted(pages, "examples/found", who="niemand").text


def test_examples_of_a_text_that_cannot_be_read_say_so(pages: CheckedClient) -> None:
    assert 'role="alert"' in posted(pages, "examples/random", "{Vornam}").text


def test_there_is_no_other_kind_of_example(pages: CheckedClient) -> None:
    assert posted(pages, "examples/all").status_code == 404


def test_a_test_goes_to_ones_own_number(pages: CheckedClient, own_number: None) -> None:
    answer = posted(pages, "test", test_key="one", preview_position="2")
    assert "+49 171 5559999" in answer.text
    assert "99 Nachrichten verfügbar" in answer.text
    assert [(each.number, each.text) for each in db.session.scalars(select(Delivery))] == [(OWN, "Hallo Maximiliane")]


def test_a_double_click_tests_once(pages: CheckedClient, own_number: None) -> None:
    posted(pages, "test", test_key="one")
    posted(pages, "test", test_key="one")
    assert len(list(db.session.scalars(select(Campaign)))) == 1


def test_each_answer_has_a_key_of_its_own(pages: CheckedClient, own_number: None) -> None:
    keys = {posted(pages, "test", test_key=key).text.split('name="test_key" value="')[1][:20] for key in "ab"}
    assert len(keys) == 2


def test_without_a_number_the_profile_is_named(pages: CheckedClient) -> None:
    answer = posted(pages, "test")
    assert answer.status_code == 422
    assert 'href="/profile/"' in answer.text


def test_a_text_that_cannot_be_sent_is_not_tested(pages: CheckedClient, own_number: None) -> None:
    assert posted(pages, "test", " ").status_code == 422
    assert posted(pages, "test", "{Vornam}").status_code == 422
    assert list(db.session.scalars(select(Campaign))) == []


def test_a_test_is_marked_and_of_no_audience(pages: CheckedClient, own_number: None) -> None:
    posted(pages, "test")
    assert "Test" in pages.get("/campaigns/1").text
    assert "Hallo" not in pages.get("/audiences/1/campaigns").text


def test_a_test_is_marked_in_the_ledger(pages: CheckedClient, own_number: None) -> None:
    posted(pages, "test")
    assert '<span class="badge badge-info">Test</span>' in pages.get("/quota/").text


@pytest.mark.parametrize("path", ["template", "restore", "plainer", "examples/random", "test"])
def test_while_the_module_is_off_none_of_it_works(pages: CheckedClient, path: str) -> None:
    factories.settings(module_on=False)
    assert posted(pages, path).status_code == 404


@pytest.mark.parametrize("template", [str(10**30), "-1", "0"])
def test_no_template_has_such_a_number(pages: CheckedClient, template: str) -> None:
    assert posted(pages, "template", template=template).status_code == 404


def test_a_template_for_no_phone_field_is_refused(pages: CheckedClient) -> None:
    assert saved(pages, phone_field="x" * 50).status_code == 422
    assert templates() == []
