"""What the page of a send says about how it goes."""

from datetime import datetime

from flask_babel import gettext as _
from flask_babel import ngettext

from smsapp.clock import now
from smsapp.delivery.words import reason_label
from smsapp.web import format_number


def starts_in(seconds: int) -> str:
    """When a send in its undo window begins."""
    return str(
        ngettext("Sending starts in %(count)s second.", "Sending starts in %(count)s seconds.", seconds, count=seconds)
    )


def not_running(messages: int) -> str:
    """That a send waits for the sending service."""
    return str(
        ngettext(
            "The send is confirmed, but the sending service is not running. Nothing is lost; it goes on as soon as it "
            "runs. Waiting: %(count)s message.",
            "The send is confirmed, but the sending service is not running. Nothing is lost; it goes on as soon as it "
            "runs. Waiting: %(count)s messages.",
            messages,
            count=format_number(messages),
        )
    )


def unknown(count: int) -> str:
    """That nobody knows of some whether they were accepted."""
    return str(
        ngettext(
            "It is not known whether %(count)s SMS was accepted. It is not sent again automatically, so that nobody "
            "gets it twice. The quota stays reserved.",
            "It is not known whether %(count)s SMS were accepted. They are not sent again automatically, so that "
            "nobody gets them twice. The quota stays reserved.",
            count,
            count=format_number(count),
        )
    )


def resend_label(failed: int) -> str:
    """What the button says."""
    return str(
        ngettext(
            "Send %(count)s failed SMS again", "Send %(count)s failed SMS again", failed, count=format_number(failed)
        )
    )


def paused_with_gateway(gateway: str, active: bool) -> str:
    """That it is paused because somebody deactivated its gateway, and what to do, also once that is active again."""
    if active:
        return str(
            _(
                "This send is paused because the gateway “%(gateway)s” was deactivated. It is active again: the send "
                "can be resumed.",
                gateway=gateway,
            )
        )
    return str(
        _(
            "This send is paused because the gateway “%(gateway)s” was deactivated. Nothing is lost: once the gateway "
            "is activated again, the send can be resumed.",
            gateway=gateway,
        )
    )


def paused_by_failure(gateway: str) -> str:
    """That it is paused because its gateway did what a gateway must not, and what to do."""
    return str(
        _(
            "This send is paused because the gateway “%(gateway)s” failed. Nothing is lost. Please ask your "
            "administrators; once the cause is mended, resume the send.",
            gateway=gateway,
        )
    )


def paused(refused: int) -> str:
    """That it is paused, and what to do; why, if so many refusals have paused it."""
    said = str(_("This send is paused. Nothing is lost; it goes on when you resume it."))
    if not refused:
        return said
    why = ngettext(
        "%(count)s SMS was refused for good, more than a fifth of the first ones. Please look at the reasons below "
        "before you resume or cancel the rest.",
        "%(count)s SMS were refused for good, more than a fifth of the first ones. Please look at the reasons below "
        "before you resume or cancel the rest.",
        refused,
        count=format_number(refused),
    )
    return f"{why} {said}"


def waits_for_gateway(gateway: str, until: datetime, reason: str) -> str:
    """That a send waits, for what, why, and until when."""
    seconds = max(1, -(-int((until - now()).total_seconds() * 10) // 10))
    minutes = -(-seconds // 60)
    when = (
        ngettext("in %(n)s second", "in %(n)s seconds", seconds, n=seconds)
        if seconds < 60
        else ngettext("in %(n)s minute", "in %(n)s minutes", minutes, n=minutes)
    )
    said = {"gateway": gateway, "reason": reason_label(reason), "when": when}
    return str(_("Waiting for the gateway “%(gateway)s” (%(reason)s), next attempt %(when)s.", **said))
