"""What may be entered for contacts and companies."""

from datetime import date, timedelta

import pytest

from smsapp.contacts.data import (
    CONTACT_LIMITS,
    LABEL_LIMIT,
    MOST_LABELS,
    CompanyData,
    ContactData,
    check_company,
    check_contact,
    clean_company,
    clean_contact,
    is_email,
    web_address,
)

TODAY = date(2026, 11, 22)


def codes(**values: object) -> list[tuple[str, str]]:
    problems = check_contact(ContactData(**{"last_name": "Alt", **values}), TODAY)  # type: ignore[arg-type]
    return [(problem.field, problem.code) for problem in problems]


def test_a_last_name_is_enough() -> None:
    assert codes() == []


@pytest.mark.parametrize("field", ["first_name", "company", "email"])
def test_any_other_name_is_enough_too(field: str) -> None:
    assert codes(last_name="", **{field: "anna@example.org"}) == []


def test_a_number_alone_is_nobody() -> None:
    assert codes(last_name="", mobile="+491715550101") == [("last_name", "nobody")]


@pytest.mark.parametrize(("field", "limit"), CONTACT_LIMITS.items())
def test_every_text_has_a_longest_length(field: str, limit: int) -> None:
    assert (field, "too_long") in codes(**{field: "x" * (limit + 1)})
    assert (field, "too_long") not in codes(**{field: "x" * limit})


def test_a_number_may_lack_its_country_code() -> None:
    assert codes(mobile="0171 5550101") == []


def test_nobody_is_born_tomorrow() -> None:
    assert codes(birthday=TODAY) == []
    assert codes(birthday=TODAY + timedelta(days=1)) == [("birthday", "future")]


def test_no_consent_is_given_tomorrow() -> None:
    assert codes(consent_on=TODAY + timedelta(days=1)) == [("consent_on", "future")]


def test_nobody_alive_was_born_before_1800() -> None:
    assert codes(birthday=date(1799, 12, 31)) == [("birthday", "too_early")]


def test_only_known_salutations_and_consents_are_kept() -> None:
    assert codes(salutation="dr", consent="perhaps") == [("salutation", "choice"), ("consent", "choice")]


def test_a_label_whose_folded_form_is_too_long_is_refused() -> None:
    assert codes(labels=("ß" * LABEL_LIMIT,)) == [("labels", "too_long")]
    assert codes(labels=("s" * LABEL_LIMIT,)) == []


def test_there_is_a_largest_number_of_labels() -> None:
    labels = tuple(str(number) for number in range(MOST_LABELS + 1))
    assert codes(labels=labels) == [("labels", "too_many")]


def test_cleaning_takes_control_characters_and_outer_blanks() -> None:
    assert clean_contact(ContactData(last_name=" A\0l\x1bt\n")).last_name == "Alt"


def test_cleaning_composes_letters() -> None:
    assert clean_contact(ContactData(last_name="Mu\u0308ller")).last_name == "Müller"


def test_a_label_is_kept_once_whatever_its_case() -> None:
    assert clean_contact(ContactData(labels=("VIP", "vip", " ", "Messe"))).labels == ("VIP", "Messe")


def test_there_is_no_reason_for_what_is_not_the_case() -> None:
    assert clean_contact(ContactData(no_sms=False, no_sms_reason="Wunsch")).no_sms_reason == ""
    assert clean_contact(ContactData(no_sms=True, no_sms_reason="Wunsch")).no_sms_reason == "Wunsch"


def test_a_company_needs_a_name() -> None:
    problems = check_company(clean_company(CompanyData(name=" \0 ", city="Hamburg")))
    assert [(problem.field, problem.code) for problem in problems] == [("name", "required")]


@pytest.mark.parametrize("text", ["anna@example.org", "a.b+c@sub.example.org", "ännä@exämple.org", "o'neil@example.ie"])
def test_e_mail_addresses_are_recognised(text: str) -> None:
    assert is_email(text)


@pytest.mark.parametrize(
    "text",
    ["anna", "anna@", "@example.org", "a b@example.org", "a@b", "a@b.", "a@@b.org", "a@b.org, c@d.org"],
)
def test_other_texts_are_no_e_mail_addresses(text: str) -> None:
    assert not is_email(text)


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("www.example.org", "https://www.example.org"),
        ("http://example.org/a?b=c", "http://example.org/a?b=c"),
        ("HTTPS://EXAMPLE.ORG", "HTTPS://EXAMPLE.ORG"),
        ("javascript:alert(1)", None),
        ("javascript:alert(1)//example.org", None),
        ("data:text/html,x", None),
        ("//example.org", None),
        ("see the flyer", None),
        ('example.org/"onclick="x', None),
    ],
)
def test_only_web_addresses_become_links(typed: str, address: str | None) -> None:
    assert web_address(typed) == address
