"""How unclear SMS, what is known of them and what a person can decide are said in the user's language."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, get_args

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from smsapp.campaigns.unclear_queries import Known
from smsapp.delivery.evidence import DECISION, LATE_RESULT
from smsapp.delivery.models import Campaign, Delivery, Evidence, Receipt
from smsapp.delivery.service import Decision
from smsapp.delivery.states import CampaignState
from smsapp.delivery.words import reason_label, state_label
from smsapp.web import format_moment, format_number

DECISIONS: Final[tuple[Decision, ...]] = get_args(Decision)

_LABELS: Final[dict[str, Any]] = {
    "accepted": _l("Was sent"),
    "rejected": _l("Not sent, return the quota"),
    "queued": _l("Send again"),
}
_RESULTS: Final[dict[str, Any]] = {
    "Accepted": _l("accepted"),
    "AcceptedInPart": _l("accepted only in part"),
    "RefusedForNow": _l("refused for now"),
    "RefusedForGood": _l("refused for good"),
    "Unknown": _l("no clear answer"),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is known: when, what, and what came from outside, word for word."""

    when: str
    what: str
    raw: str = ""


def decision_label(decision: str) -> str:
    """What a person decides, as a button says it."""
    return str(_LABELS[decision])


def facts(delivery: Delivery, known: Known) -> Iterator[Fact]:
    """All that is known of an unclear SMS, oldest first; receipts that may belong to it last."""
    yield Fact(format_moment(delivery.submitted_at), str(_("Attempt %(n)s began.", n=format_number(delivery.attempt))))
    yield Fact(format_moment(delivery.changed_at), _why(delivery))
    for evidence, name in known.evidence:
        yield Fact(format_moment(evidence.at), _evidence_sentence(evidence, name))
    for receipt in known.receipts:
        yield Fact(format_moment(receipt.received_at), _receipt_sentence(receipt), receipt.raw)


def _why(delivery: Delivery) -> str:
    if not delivery.reason:
        return str(_("No answer of the gateway is known."))
    return str(_("No answer of the gateway is known: %(reason)s.", reason=reason_label(delivery.reason)))


def _evidence_sentence(evidence: Evidence, name: str | None) -> str:
    attempt = format_number(evidence.attempt)
    if evidence.kind == DECISION:
        decision = decision_label(evidence.detail["decision"])
        return str(
            _("%(name)s decided on attempt %(n)s: %(decision)s.", name=name or "–", n=attempt, decision=decision)
        )
    if evidence.kind == LATE_RESULT:
        return str(_("Late answer to attempt %(n)s: %(result)s.", n=attempt, result=_result(evidence.detail)))
    return evidence.kind


def _result(detail: dict[str, Any]) -> str:
    """The gateway's answer as it was kept, with its code or reference."""
    word = str(_RESULTS.get(detail.get("result", ""), detail.get("result", "")))
    more = reason_label(detail["code"]) if detail.get("code") else detail.get("reference", "")
    return f"{word} ({more})" if more else word


def _receipt_sentence(receipt: Receipt) -> str:
    state = state_label(receipt.state)
    return str(_("A delivery receipt that may belong to it says “%(state)s”.", state=state))


def question(decision: str, rows: Sequence[tuple[Delivery, Campaign]]) -> str:
    """The dialog's heading."""
    n, count = len(rows), format_number(len(rows))
    asked = {
        "accepted": ngettext("Was this SMS sent?", "Were these %(count)s SMS sent?", n, count=count),
        "rejected": ngettext("Was this SMS not sent?", "Were these %(count)s SMS not sent?", n, count=count),
        "queued": ngettext("Send this SMS again?", "Send these %(count)s SMS again?", n, count=count),
    }
    return str(asked[decision])


def consequences(decision: str, rows: Sequence[tuple[Delivery, Campaign]]) -> Iterator[tuple[str, str]]:
    """What follows from the decision, each sentence with its tone."""
    messages = sum(delivery.billed for delivery, _campaign in rows)
    if decision == "accepted":
        yield _spent(messages), ""
        yield _("A delivery receipt that still comes is taken."), ""
    elif decision == "rejected":
        yield _returned(messages), ""
        yield _not_tried_again(len(rows)), ""
    else:
        yield _twice(len(rows)), "warn"
        yield _("What is reserved stays reserved; nothing more is taken from the quota."), ""
    if decision == "queued" and _paused(campaign for _delivery, campaign in rows):
        yield _("This send is paused: nothing goes out until somebody resumes it."), "info"


def _paused(campaigns: Iterable[Campaign]) -> bool:
    return any(campaign.state == CampaignState.PAUSED for campaign in campaigns)


def _spent(messages: int) -> str:
    count = format_number(messages)
    return str(
        ngettext(
            "%(count)s reserved message is spent, as for every SMS that was handed over.",
            "%(count)s reserved messages are spent, as for every SMS that was handed over.",
            messages,
            count=count,
        )
    )


def _returned(messages: int) -> str:
    count = format_number(messages)
    return str(
        ngettext(
            "%(count)s message goes back to the quota.",
            "%(count)s messages go back to the quota.",
            messages,
            count=count,
        )
    )


def _not_tried_again(recipients: int) -> str:
    return str(
        ngettext(
            "It is not tried again. If it arrived after all, nothing changes here any more.",
            "They are not tried again. If one arrived after all, nothing changes here any more.",
            recipients,
        )
    )


def _twice(recipients: int) -> str:
    return str(
        ngettext(
            "If the gateway had taken it, this person gets the SMS twice.",
            "Whoever's SMS the gateway had taken gets it twice.",
            recipients,
        )
    )


def decided_sentence(decision: str, count: int) -> str:
    """What happened."""
    number = format_number(count)
    said = {
        "accepted": ngettext("%(count)s SMS counts as sent.", "%(count)s SMS count as sent.", count, count=number),
        "rejected": ngettext(
            "%(count)s SMS counts as not sent; its quota is returned.",
            "%(count)s SMS count as not sent; their quota is returned.",
            count,
            count=number,
        ),
        "queued": ngettext("%(count)s SMS is sent again.", "%(count)s SMS are sent again.", count, count=number),
    }
    return str(said[decision])


def known_by_now_sentence(count: int) -> str:
    """That some were left as they are."""
    return str(
        ngettext(
            "%(count)s SMS was left as it is: it is known by now what became of it.",
            "%(count)s SMS were left as they are: it is known by now what became of them.",
            count,
            count=format_number(count),
        )
    )
