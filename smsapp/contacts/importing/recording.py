"""What is kept of each decision: rows for the pages and for taking it back, sums, numbers that could be mended.

Only values are made here, which the caller writes down.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from smsapp.contacts.importing.deciding import OF_COMPANY, Decision
from smsapp.contacts.importing.models import BY_COUNTRY, CREATED, MENDS, REJECTED, UPDATED
from smsapp.contacts.importing.reading import Uncoded, gets_sms
from smsapp.folding import fold

NEW_COMPANY: Final = "new_company"
NEW_COMPANIES: Final = "companies"
UNCODED: Final = "uncoded"
_LONGEST_CELL: Final = 2000


@dataclass(frozen=True, slots=True)
class Written:
    """What came of a slice: when, the ids of new contacts (by their number below 0), of companies by folded name."""

    moment: datetime
    contacts: Mapping[int, int]
    company_ids: Mapping[str, int]


def tally(decisions: Iterable[Decision], mending: bool = True) -> Counter[str]:
    """Sums by outcome, "reason:...", "notice:...", new companies; with `mending`, what each way of that would mend."""
    sums: Counter[str] = Counter()
    for decision in decisions:
        sums[decision.outcome] += 1
        sums[NEW_COMPANIES] += decision.new_company
        if decision.rejection:
            sums[f"reason:{decision.rejection.reason}"] += 1
        sums.update(f"notice:{notice}" for notice in decision.notices)
        for number in _mendable(decision) if mending else ():
            sums[UNCODED] += 1
            country = decision.entry.values.get("country", "")
            ways = (way for way in MENDS if gets_sms(number.raw, region(way, country)))
            sums.update(f"mend:{way}" for way in ways)
    return +sums


def region(way: str, country: str) -> str:
    """The region whose code a number gets by this choice of mending; "" for none."""
    return country if way == BY_COUNTRY else way


def row_values(import_id: int, decision: Decision, written: Written | None) -> dict[str, Any]:
    """A decision as a row of `ImportRow`; `written` is what came of its slice, nothing in a check."""
    entry, rejection = decision.entry, decision.rejection
    made = written.contacts if written else {}
    row = {
        "import_id": import_id,
        "number": entry.number,
        "line": entry.line,
        "outcome": decision.outcome,
        "contact_id": made.get(decision.contact) if decision.contact < 0 else decision.contact or None,
        "reason": rejection.reason if rejection else None,
        "detail": _detail(decision, made),
        "company_id": None,
        "written_at": None,
    }
    if written and decision.outcome in (CREATED, UPDATED):
        row["written_at"] = written.moment
        if decision.new_company or any(name.startswith(OF_COMPANY) for name, _, _ in decision.changes):
            row["company_id"] = written.company_ids[fold(decision.after.company)]
    return row


def _detail(decision: Decision, made: Mapping[int, int]) -> dict[str, Any]:
    after = decision.after
    detail: dict[str, Any] = {"name": f"{after.first_name} {after.last_name}".strip() or after.email}
    if decision.outcome == CREATED:
        detail |= {"company": after.company, "email": after.email, "mobile": after.mobile, "city": after.city}
    if decision.outcome == REJECTED and decision.rejection:
        detail |= {"field": decision.rejection.field, "value": decision.rejection.value}
        detail["cells"] = [cell[:_LONGEST_CELL] for cell in decision.entry.cells]
        detail["candidates"] = [made.get(contact, contact) for contact in decision.candidates]
    if decision.changes:
        detail["changes"] = [[name, _plain(old), _plain(new)] for name, old, new in decision.changes]
    if decision.notices:
        detail["notices"] = list(decision.notices)
    if decision.new_company:
        detail[NEW_COMPANY] = True
    return detail


def _plain(value: Any) -> Any:
    """A value as JSON can hold it."""
    if isinstance(value, tuple):
        return list(value)
    return value.isoformat() if isinstance(value, date) else value


def number_values(import_id: int, decision: Decision) -> list[dict[str, Any]]:
    """The row's numbers without country code as rows of `ImportNumber`."""
    entry, data = decision.entry, decision.entry.data
    shared = {"import_id": import_id, "number": entry.number, "line": entry.line, "country": data.country}
    name = f"{data.first_name} {data.last_name}".strip() or data.email[:200]
    return [{**shared, "name": name, "field": number.field, "raw": number.raw} for number in _mendable(decision)]


def _mendable(decision: Decision) -> list[Uncoded]:
    return [] if decision.entry.rejection else decision.entry.uncoded
