"""Whom a row of a table stands for. Pure.

The first of these that applies, always comparing without case:

1. **E-mail**, if it is unique: no other row of the file and not more than one contact has it. The contact that has it
   is the one, whatever else the row says of it.
2. **Mobile number and full name**: the same valid number (in its normalised form), the same first and last name.
3. **Names and company**: the same full name and the same company, or both without company. Here a contact with another
   e-mail address is another person, if the row's own address is unique.

Nobody found: the row makes a new contact, if it has a name or a unique e-mail address (else it is rejected: nobody).
More than one found in step 2 or 3: the row is rejected as ambiguous. Being found several times in step 1 is not
ambiguous: the address is only shared ("info@..."), and the next steps decide.

Contacts that earlier rows of the file have made or changed are found like all others. Two rows may stand for one
contact only while they agree on who it is: a later row that would give it another name, company, e-mail address or
mobile number is rejected (same_contact), and so is one that would change in this way somebody who made an earlier row
ambiguous or was spared by its rejection. Without this rule the second import of a file could create contacts, since
the first had renamed those that the rows had found.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from smsapp.contacts.data import ContactData, is_email
from smsapp.contacts.importing.reading import said_in
from smsapp.contacts.numbers import normalise
from smsapp.contacts.tables import Row
from smsapp.folding import fold

AMBIGUOUS_MOBILE = "ambiguous_mobile"
AMBIGUOUS_NAME = "ambiguous_name"
NOBODY = "nobody"
SAME_CONTACT = "same_contact"
_IDENTIFYING = ("email", "first_name", "last_name", "company")


class Identity(NamedTuple):
    """By what a person is recognised, folded; "" where it is not known. `mobile` is in E.164 form."""

    email: str
    name: str
    mobile: str
    company: str

    @classmethod
    def of(cls, data: ContactData) -> "Identity":
        return cls(
            email_key(data.email), name_key(data.first_name, data.last_name), e164(data.mobile), fold(data.company)
        )


def email_key(email: str) -> str:
    return fold(email)


def name_key(first_name: str, last_name: str) -> str:
    """The full name, folded; one blank between words."""
    return fold(" ".join(f"{first_name} {last_name}".split()))


def e164(raw: str) -> str:
    return normalise(raw).e164 or "" if raw else ""


class Keys:
    """How often each e-mail address and each full name occurs in the file, in 16 bytes a row."""

    def __init__(self, keys: Iterable[tuple[str, str]]) -> None:
        emails, names = array("q"), array("q")
        for email, name in keys:
            if email:
                emails.append(hash(email))
            if name:
                names.append(hash(name))
        self._emails, self._names = array("q", sorted(emails)), array("q", sorted(names))

    def emails(self, key: str) -> int:
        """How many rows have this e-mail address."""
        return _count(self._emails, key)

    def names(self, key: str) -> int:
        """How many rows have this full name."""
        return _count(self._names, key)

    def others_reach(self, who: Identity, row: Identity) -> bool:
        """Whether any row but this one could stand for this contact."""
        emails = self.emails(who.email) - (who.email == row.email)
        names = self.names(who.name) - (who.name == row.name)
        return emails > 0 or names > 0


def _count(hashes: Sequence[int], key: str) -> int:
    if not key:
        return 0
    wanted = hash(key)
    return bisect_right(hashes, wanted) - bisect_left(hashes, wanted)


class Index:
    """Contacts by identity: those that some row of the file could stand for. Keys are kept as their hashes."""

    def __init__(self) -> None:
        self._contacts: dict[int, tuple[int, ...]] = {}

    def add(self, contact: int, who: Identity) -> None:
        for key in _hashes(who):
            self._contacts[key] = (*self._contacts.get(key, ()), contact)

    def remove(self, contact: int, who: Identity) -> None:
        for key in _hashes(who):
            self._contacts[key] = tuple(each for each in self._contacts.get(key, ()) if each != contact)

    def with_email(self, who: Identity) -> tuple[int, ...]:
        return self._found(_by_email(who))

    def with_mobile(self, who: Identity) -> tuple[int, ...]:
        return self._found(_by_mobile(who))

    def with_company(self, who: Identity) -> tuple[int, ...]:
        return self._found(_by_company(who))

    def all_for(self, who: Identity) -> set[int]:
        """Every contact that any step could find."""
        return {contact for key in _hashes(who) for contact in self._found(key)}

    def _found(self, key: int | None) -> tuple[int, ...]:
        return () if key is None else self._contacts.get(key, ())


def _by_email(who: Identity) -> int | None:
    return hash((1, who.email)) if who.email else None


def _by_mobile(who: Identity) -> int | None:
    return hash((2, who.name, who.mobile)) if who.name and who.mobile else None


def _by_company(who: Identity) -> int | None:
    return hash((3, who.name, who.company)) if who.name else None


def _hashes(who: Identity) -> list[int]:
    keys = (_by_email(who), _by_mobile(who), _by_company(who))
    return [key for key in keys if key is not None]


class Match(NamedTuple):
    """The contact found, or none (a new one), or the `reason` of the rejection and who came into question."""

    contact: int | None = None
    reason: str | None = None
    candidates: tuple[int, ...] = ()


@dataclass(slots=True)
class Matcher:
    """Finds the contact of each row, in the order of the file."""

    keys: Keys
    index: Index
    reached: set[int] = field(default_factory=set)
    contested: set[int] = field(default_factory=set)

    def find(self, who: Identity, states: Mapping[int, ContactData]) -> Match:
        """Whom a row stands for; `states` has all candidates that still exist."""
        sharing = [contact for contact in self.index.with_email(who) if contact in states]
        personal = bool(who.email) and self.keys.emails(who.email) == 1 and len(sharing) <= 1
        if personal and sharing:
            return Match(sharing[0])
        if found := [contact for contact in self.index.with_mobile(who) if contact in states]:
            return _one_of(found, AMBIGUOUS_MOBILE)
        found = [contact for contact in self.index.with_company(who) if contact in states]
        if found := [contact for contact in found if not (personal and states[contact].email)]:
            return _one_of(found, AMBIGUOUS_NAME)
        return Match() if who.name or personal else Match(reason=NOBODY)

    def may_become(self, contact: int, before: Identity, after: Identity) -> bool:
        """Whether this row may change who the contact is (see the module)."""
        if contact in self.contested:
            return before == after
        if contact not in self.reached or before == after:
            return True
        same = before.name == after.name and before.company == after.company
        return same and before.email in ("", after.email) and before.mobile in ("", after.mobile)


def _one_of(found: Sequence[int], reason: str) -> Match:
    return Match(found[0]) if len(found) == 1 else Match(reason=reason, candidates=tuple(found))


def identifying(mapping: Mapping[int, str], row: Row) -> tuple[str, str, str]:
    """E-mail, full name and company of a row, folded, whatever else is wrong with it."""
    wanted = ((index, column) for index, column in mapping.items() if column in _IDENTIFYING)
    said = {column: said_in(row.cells[index]) for index, column in wanted if index < len(row.cells)}
    email = said.get("email", "")
    return (
        email_key(email) if is_email(email) else "",
        name_key(said.get("first_name", ""), said.get("last_name", "")),
        fold(said.get("company", "")),
    )
