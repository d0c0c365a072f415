"""Audiences and orders by hypothesis, hostile ones included, and a fast way to store the contacts."""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert

from smsapp.campaigns.order import Order
from smsapp.contacts.models import Block, Company, Contact, PhoneNumber
from smsapp.contacts.numbers import normalise
from smsapp.extensions import db
from smsapp.text import tags
from smsapp.text.billing import MAX_CHARACTERS, Rule
from smsapp.text.tag_names import FIELDS, display_name
from tests import factories

many = settings(
    deadline=None,
    max_examples=30,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)

NUMBERS = (
    "+491711234567",
    "0049 171 1234567",  # the same number
    "+49 171 2223334",
    "+358 40 1234567",
    "+49 40 123456",  # fixed line
    "+1 202 555 0143",  # a country that is not allowed
    "0171 1234567",
    "4,91711E+12",
    "-",
    "",
)
BLOCKED = ("+491712223334", "+358401234567")

# Values as they are kept: white space stands in their middle only.
_run = st.builds(lambda character, count: character * count, st.sampled_from("aß€^ŵ😀"), st.integers(1, 170))
_hostile = st.sampled_from(
    ["{Vorname}", "{{7*7}}", "<script>", "=1+1", "'); --", "%(x)s %s", ":name", "a\\b", "\u202e", "\u200d"]
)
value = st.one_of(st.sampled_from(["", "", "Anna", "Zoë", "Jürgen", "Çelik", "A" + 150 * " " + "B"]), _hostile, _run)
short = st.one_of(st.sampled_from(["", "", "Anna", "Zoë", "Kaiser & Söhne", "€uro", "[x]", "😀"]), _hostile)

contact = st.fixed_dictionaries(
    {
        "salutation": st.sampled_from(["", "ms", "mr"]),
        "language": st.sampled_from(["", "de", "en", "en-GB", "fi"]),
        "first_name": value.map(lambda text: text[:100]),
        "last_name": short,
        "city": short,
        "country": st.sampled_from(["", "DE", "FI", "XX"]),
        "letter_greeting": short,
        "no_sms": st.sampled_from([False, False, False, True]),
        "company": st.sampled_from([None, 0, 0, 1]),
        "mobile": st.sampled_from(NUMBERS),
        "work": st.sampled_from(NUMBERS),
    }
)
company = st.fixed_dictionaries({"name": short, "city": short, "country": st.sampled_from(["", "AT"])})


@dataclass
class Data:
    """Contacts and companies as plain values."""

    contacts: list[dict[str, Any]] = field(default_factory=list)
    companies: list[dict[str, Any]] = field(default_factory=lambda: [{}, {}])
    blocked: tuple[str, ...] = ()


data = st.builds(
    Data,
    st.lists(contact, max_size=9),
    st.lists(company, min_size=2, max_size=2),
    st.lists(st.sampled_from(BLOCKED), unique=True).map(tuple),
)

FREQUENT = ("first_name", "first_name", "last_name", "salutation", "city", "country", "company_name", "company_country")
_tag = st.builds(
    lambda key, substitute: tags.write(display_name(key, "de"), substitute),
    st.sampled_from([*FREQUENT, *(field.key for field in FIELDS)]),
    st.sampled_from([None, None, None, "", "Kunde", "ŵ", "€" * 5]),
)
_words = st.one_of(st.sampled_from(["Hallo ", ", ", "\n", " ", "{{x}}", "Grüße"]), _run).map(
    lambda text: text if "{" in text else tags.escape(text)
)


def _fitting(parts: list[str]) -> str:
    """As many of the parts as fit into 480 characters."""
    text = ""
    for part in parts:
        if len(text) + len(part) <= MAX_CHARACTERS:
            text += part
    return text


texts = st.lists(_tag | _words, max_size=7).map(_fitting)


@st.composite
def orders(draw: st.DrawFn, audience_id: int = 1) -> Order:
    text = draw(texts)
    required = tags.parse(text).required
    leave = draw(st.lists(st.sampled_from(required), unique=True)) if required else []
    return Order(
        audience_id=audience_id,
        tree=factories.EVERYBODY,
        text=text,
        sender="+358457396000",
        phone_field=draw(st.sampled_from(["mobile", "mobile", "work"])),
        include_fixed_line=draw(st.booleans()),
        leave_empty=tuple(sorted(leave)),
        rule=draw(st.sampled_from(Rule)),
        allowed_countries=draw(st.sampled_from([("DE", "FI"), ("AT", "CH", "DE", "FI"), ()])),
    )


def store(data: Data) -> None:
    """Make these the only contacts there are, in the open transaction of `db.session`: nothing is committed."""
    db.session.rollback()
    for model in (PhoneNumber, Contact, Company, Block):
        db.session.execute(delete(model))
    ids = [_stored(Company, {"name": "", **each}) for each in data.companies]
    for each in data.contacts:
        _store_contact(each, ids)
    for number in data.blocked:
        db.session.execute(insert(Block).values(e164=number))


def _store_contact(each: dict[str, Any], companies: list[int]) -> None:
    values = {key: each[key] for key in each if key not in ("company", "mobile", "work")}
    chosen = each.get("company")
    company_id = None if chosen is None else companies[chosen]
    contact_id = _stored(Contact, {**values, "company_id": company_id})
    for phone_field in ("mobile", "work"):
        raw = each.get(phone_field)
        if raw:
            found = normalise(raw)
            number = {"e164": found.e164, "kind": found.kind, "country": found.country, "problem": found.problem}
            db.session.execute(insert(PhoneNumber).values(contact_id=contact_id, field=phone_field, raw=raw, **number))


def _stored(model: Any, values: dict[str, Any]) -> int:
    made: int = db.session.execute(insert(model).values(**values)).inserted_primary_key[0]
    return made
