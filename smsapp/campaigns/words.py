"""How plans, skips and figures are said in the user's language."""

from collections.abc import Mapping, Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from smsapp.campaigns.histogram import NAMED
from smsapp.campaigns.problems import Changes
from smsapp.campaigns.skips import SkipReason
from smsapp.contacts.numbers import display
from smsapp.text.billing import MAX_CHARACTERS
from smsapp.text.tag_names import display_name
from smsapp.web import format_number

FEW_LEFT = 40
"""So few characters left are worth a word."""

REASON_LABELS = {
    SkipReason.NO_NUMBER: _l("no number"),
    SkipReason.NO_COUNTRY_CODE: _l("country code missing"),
    SkipReason.INVALID: _l("invalid number"),
    SkipReason.KIND: _l("kind of number cannot get SMS"),
    SkipReason.COUNTRY: _l("country not allowed"),
    SkipReason.BLOCKED: _l("blocked or “no SMS”"),
    SkipReason.FIELD_EMPTY: _l("field for a tag empty"),
    SkipReason.DUPLICATE: _l("duplicate number"),
    SkipReason.TOO_LONG: _l("text too long after replacing the tags"),
    SkipReason.GONE: _l("contact deleted, or has another number now"),
}


def reason_text(reason: str, detail: str | None, language: str) -> str:
    """Why one contact is skipped, naming the twin or the empty field."""
    if reason == SkipReason.DUPLICATE and detail:
        return str(_("duplicate: %(name)s gets this SMS", name=detail))
    if reason == SkipReason.FIELD_EMPTY and detail:
        return str(_("“%(tag)s” is empty", tag=display_name(detail, language)))
    return str(REASON_LABELS[SkipReason(reason)])


def counted_reason(reason: str, count: int) -> str:
    """A reason with its number of contacts, as part of a sentence: "6 without country code"."""
    number = format_number(count)
    phrases = {
        SkipReason.NO_NUMBER: _("%(count)s without number", count=number),
        SkipReason.NO_COUNTRY_CODE: _("%(count)s without country code", count=number),
        SkipReason.INVALID: ngettext("%(n)s invalid number", "%(n)s invalid numbers", count, n=number),
        SkipReason.KIND: _("%(count)s with a kind of number that cannot get SMS", count=number),
        SkipReason.COUNTRY: _("%(count)s in countries not allowed", count=number),
        SkipReason.BLOCKED: _("%(count)s blocked", count=number),
        SkipReason.FIELD_EMPTY: _("%(count)s with an empty field", count=number),
        SkipReason.DUPLICATE: ngettext("%(n)s duplicate", "%(n)s duplicates", count, n=number),
        SkipReason.TOO_LONG: _("%(count)s with too long a text", count=number),
        SkipReason.GONE: _("%(count)s deleted or with another number now", count=number),
    }
    return str(phrases[SkipReason(reason)])


def too_long_sentence(count: int) -> str:
    return str(
        ngettext(
            "For %(count)s contact the text is too long after replacing the tags: it is skipped.",
            "For %(count)s contacts the text is too long after replacing the tags: they are skipped.",
            count,
            count=format_number(count),
        )
    )


def skip_list(skips: Mapping[str, int]) -> str:
    """All reasons in their order: "14 without number, 6 without country code, 3 duplicates"."""
    return ", ".join(counted_reason(reason, skips[reason]) for reason in REASON_LABELS if skips.get(reason))


def skip_sentence(skips: Mapping[str, int]) -> str:
    """How many contacts of the audience get nothing, and why."""
    total = sum(skips.values())
    return str(
        ngettext(
            "%(count)s contact is skipped: %(reasons)s.",
            "%(count)s contacts are skipped: %(reasons)s.",
            total,
            count=format_number(total),
            reasons=skip_list(skips),
        )
    )


def nobody_sentence(contacts: int, skips: Mapping[str, int]) -> str:
    """That nobody can get the message, and why."""
    return str(
        _(
            "Nobody can get this message: all %(count)s contacts are skipped (%(reasons)s).",
            count=format_number(contacts),
            reasons=skip_list(skips),
        )
    )


def histogram_line(recipients: int, billed: int) -> str:
    """One line of the confirmation: "12 recipients with 2 messages each"."""
    if billed == 1:
        return str(
            ngettext(
                "%(count)s recipient with 1 message",
                "%(count)s recipients with 1 message each",
                recipients,
                count=format_number(recipients),
            )
        )
    return str(
        ngettext(
            "%(count)s recipient with %(billed)s messages",
            "%(count)s recipients with %(billed)s messages each",
            recipients,
            count=format_number(recipients),
            billed=billed,
        )
    )


def counter_sentence(characters: int, recipients: int, messages: int) -> str:
    """The counters for people who hear them."""
    return ", ".join((
        str(ngettext("%(n)s character", "%(n)s characters", characters, n=format_number(characters))),
        str(ngettext("%(count)s recipient", "%(count)s recipients", recipients, count=format_number(recipients))),
        str(ngettext("%(count)s message", "%(count)s messages", messages, count=format_number(messages))),
    ))  # fmt: skip


def characters_left(characters: int) -> str | None:
    """From 440 characters on, how many are left; nothing before."""
    left = MAX_CHARACTERS - characters
    if left <= 0:
        return full_sentence()
    if left > FEW_LEFT:
        return None
    return str(
        ngettext(
            "%(count)s character left. For longer messages we recommend e-mail.",
            "%(count)s characters left. For longer messages we recommend e-mail.",
            left,
            count=left,
        )
    )


def full_sentence() -> str:
    """That nothing more can be typed."""
    return str(_("%(maximum)s characters reached. Further characters are not accepted.", maximum=MAX_CHARACTERS))


def tag_full_sentence() -> str:
    """That a tag was not inserted."""
    return str(
        _(
            "The tag does not fit into the %(maximum)s characters any more. The text is unchanged.",
            maximum=MAX_CHARACTERS,
        )
    )


def more_parts_sentence(dearer: Mapping[tuple[int, int], int], causes: Sequence[str] = "") -> str:
    """How many recipients get more parts than are billed, which characters cause it, and what is billed for them.

    `dearer` counts recipients by (messages billed, parts carried). Of many characters the first are named.
    """
    groups = ", ".join(_more_parts(billed, parts, count) for (billed, parts), count in dearer.items())
    named = " ".join(each if each.isprintable() else f"U+{ord(each):04X}" for each in causes[:NAMED])
    named = _("%(causes)s and others", causes=named) if len(causes) > NAMED else named
    cause = " (" + _("characters: %(causes)s", causes=named) + ")" if named else ""
    total = sum(billed * count for (billed, _parts), count in dearer.items())
    price = ngettext(
        "%(count)s message is billed.", "%(count)s messages are billed.", total, count=format_number(total)
    )
    return f"{groups[:1].upper()}{groups[1:]}{cause}. {price}"


def _more_parts(billed: int, parts: int, recipients: int) -> str:
    """One group of recipients: "for 3 recipients 2 instead of 1 part"."""
    who = ngettext("for %(count)s recipient", "for %(count)s recipients", recipients, count=format_number(recipients))
    what = ngettext(
        "%(parts)s instead of %(billed)s part",
        "%(parts)s instead of %(billed)s parts",
        billed,
        parts=parts,
        billed=billed,
    )
    return f"{who} {what}"


def tested_sentence(number: str, messages: int) -> str:
    """Where a test SMS went, and what it costs."""
    return str(
        ngettext(
            "The test SMS to %(number)s is on its way (%(count)s message).",
            "The test SMS to %(number)s is on its way (%(count)s messages).",
            messages,
            number=display(number),
            count=format_number(messages),
        )
    )


def changes_sentence(changes: Changes) -> str:
    """What is different from what was confirmed; nothing was sent."""
    if changes.expired:
        return str(_("This confirmation is older than 30 minutes; nothing was sent. Please check and confirm again."))
    return " ".join((
        str(_("Something has changed since this was shown; nothing was sent yet.")),
        _changed_figures(changes),
        str(_("Please check and confirm again.")),
    ))  # fmt: skip


def _changed_figures(changes: Changes) -> str:
    """The totals before and now; where they are equal, what else it can be."""
    if not (changes.new or changes.gone) and changes.messages == changes.messages_before:
        return str(
            _("The totals are the same; a text, a number, a skipped contact, the sender or a setting is different.")
        )
    recipients = _(
        "Recipients: %(before)s → %(now)s (%(new)s new, %(gone)s gone).",
        before=format_number(changes.recipients_before),
        now=format_number(changes.recipients),
        new=format_number(changes.new),
        gone=format_number(changes.gone),
    )
    messages = _(
        "Messages: %(before)s → %(now)s.",
        before=format_number(changes.messages_before),
        now=format_number(changes.messages),
    )
    return f"{recipients} {messages}"


def launched_sentence(recipients: int, messages: int) -> str:
    """That the send is on its way, and that nobody needs to wait for it."""
    price = ngettext("%(count)s message", "%(count)s messages", messages, count=format_number(messages))
    return str(
        ngettext(
            "The send to %(count)s recipient is scheduled (%(price)s). You can leave this page.",
            "The send to %(count)s recipients is scheduled (%(price)s). You can leave this page.",
            recipients,
            count=format_number(recipients),
            price=price,
        )
    )


def again_sentence(time: str) -> str:
    """That a second "Yes" did nothing."""
    return str(_("This send was confirmed already (at %(time)s). Nothing was sent twice.", time=time))
