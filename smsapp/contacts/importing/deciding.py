"""What becomes of each row: the same decisions for the check, which only predicts, and for the run. Asks no database.

Both feed it the rows in the order of the file and the contacts that come into question. The run writes each decision
down before it asks for the next slice of rows (and calls `settle`). The check does not, so that here the contacts made
or changed by earlier rows are remembered as far as a later row could stand for them, too (`memory`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date

from smsapp.contacts.data import CompanyData, ContactData
from smsapp.contacts.importing.identity import SAME_CONTACT, Identity, Index, Keys, find
from smsapp.contacts.importing.merging import Change, changes, filled, merged
from smsapp.contacts.importing.models import CREATED, REJECTED, UNCHANGED, UPDATED
from smsapp.contacts.importing.reading import COMPANY_FIELDS, Entry, Rejection, unfit
from smsapp.folding import fold

OF_COMPANY = "company_"
"""What the names of changes of a company begin with."""
WITHOUT_COMPANY = "without_company"
NAME_CHANGES = "name_changes"


@dataclass(slots=True)
class Decision:
    """What becomes of a row.

    `contact` is the stored contact's id, a number below 0 for one yet to be made, or 0 for none; `after` is that
    contact afterwards, or what a rejected row would have made.
    """

    entry: Entry
    outcome: str
    contact: int
    after: ContactData
    changes: tuple[Change, ...] = ()
    notices: tuple[str, ...] = ()
    rejection: Rejection | None = None
    candidates: tuple[int, ...] = ()
    new_company: bool = False


@dataclass(slots=True)
class Decider:
    """Decides row after row. `companies` are those the file names, by folded name; `touched` those now differing."""

    keys: Keys
    index: Index
    today: date
    companies: dict[str, CompanyData] = field(default_factory=dict)
    touched: dict[str, CompanyData] = field(default_factory=dict)
    memory: dict[int, ContactData] = field(default_factory=dict)
    _made: int = 0
    _who: dict[int, Identity] = field(default_factory=dict)

    def candidates(self, entries: Iterable[Entry]) -> set[int]:
        """The stored contacts whose present data `decide` needs for these rows."""
        found: set[int] = set()
        self._who = {entry.number: Identity.of(entry.data) for entry in entries if entry.rejection is None}
        for who in self._who.values():
            found |= self.index.all_for(who)
        return {contact for contact in found if contact > 0 and contact not in self.memory}

    def decide(self, entries: Iterable[Entry], stored: dict[int, ContactData]) -> list[Decision]:
        """The decisions on these rows, in order; `stored` are the `candidates` that still exist."""
        states = {**stored, **self.memory}
        return [self._decide(entry, states) for entry in entries]

    def _decide(self, entry: Entry, states: dict[int, ContactData]) -> Decision:
        if entry.rejection:
            return Decision(entry, REJECTED, 0, entry.data, rejection=entry.rejection)
        row = self._who[entry.number]
        match = find(row, self.keys, self.index, states)
        if match.reason:
            return self._reject(entry, Rejection(match.reason), *match.candidates)
        if match.contact is None:
            return self._create(entry, row, states)
        return self._update(entry, row, match.contact, states)

    def _reject(self, entry: Entry, rejection: Rejection, *candidates: int) -> Decision:
        return Decision(entry, REJECTED, 0, entry.data, rejection=rejection, candidates=candidates)

    def _create(self, entry: Entry, row: Identity, states: dict[int, ContactData]) -> Decision:
        self._made -= 1
        after, new_company, of_company = self._with_company(entry, entry.data)
        states[self._made] = after
        self._remember(self._made, row, Identity.of(after) if after is not entry.data else row, after)
        notices = self._notices(entry, None, after)
        return Decision(entry, CREATED, self._made, after, of_company, notices, new_company=new_company)

    def _update(self, entry: Entry, row: Identity, contact: int, states: dict[int, ContactData]) -> Decision:
        before = states[contact]
        after = merged(before, entry.values)
        old, new = Identity.of(before), Identity.of(after)
        if self.keys.others_lose(old, new, row):
            return self._reject(entry, Rejection(SAME_CONTACT), contact)
        if after != before and (rejection := unfit(after, self.today)):
            return self._reject(entry, rejection, contact)
        after, new_company, company_changes = self._with_company(entry, after)
        differing = (*changes(before, after), *company_changes)
        self.index.remove(contact, old)
        states[contact] = after
        self._remember(contact, row, Identity.of(after), after)
        outcome = UPDATED if differing else UNCHANGED
        notices = self._notices(entry, before, after)
        return Decision(entry, outcome, contact, after, differing, notices, new_company=new_company)

    def _remember(self, contact: int, row: Identity, who: Identity, after: ContactData) -> None:
        if self.keys.others_reach(who, row):
            self.index.add(contact, who)
            self.memory[contact] = after

    def _with_company(self, entry: Entry, after: ContactData) -> tuple[ContactData, bool, tuple[Change, ...]]:
        """The contact with its company as that is called, whether that is a new one, and what changes of it."""
        key = fold(entry.data.company)
        if not key:
            return after, False, ()
        known = self.companies.get(key)
        company = filled(known or CompanyData(name=entry.data.company), entry.company)
        if company == known:
            return _named(after, known.name), False, ()
        self.companies[key] = self.touched[key] = company
        differing = () if known is None else _company_changes(known, company)
        return _named(after, company.name), known is None, differing

    def _notices(self, entry: Entry, before: ContactData | None, after: ContactData) -> tuple[str, ...]:
        found = list(entry.notices)
        if not entry.data.company and any(name in entry.company for name in COMPANY_FIELDS):
            found.append(WITHOUT_COMPANY)
        if before is not None and (old := Identity.of(before).name) and old != Identity.of(after).name:
            found.append(NAME_CHANGES)
        return tuple(found)

    def settle(self, made: Mapping[int, int]) -> None:
        """The run has written everything down: forget it, and call new contacts by their ids from now on."""
        for contact, after in self.memory.items():
            if contact in made:
                who = Identity.of(after)
                self.index.remove(contact, who)
                self.index.add(made[contact], who)
        self.memory.clear()
        self.touched.clear()


def _named(after: ContactData, company: str) -> ContactData:
    return after if after.company == company else replace(after, company=company)


def _company_changes(before: CompanyData, after: CompanyData) -> tuple[Change, ...]:
    pairs = ((f.name, getattr(before, f.name), getattr(after, f.name)) for f in fields(CompanyData))
    return tuple((f"{OF_COMPANY}{name}", old, new) for name, old, new in pairs if old != new)
