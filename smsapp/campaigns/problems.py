"""What can be wrong with an order or a launch. Each carries its figures; the pages may word them further."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask_babel import gettext as _

from smsapp.errors import AppError, BadSignature, Conflict, NotThere

if TYPE_CHECKING:
    from smsapp.campaigns.confirmation import Confirmed
    from smsapp.campaigns.plan import Plan


class FieldProblem(AppError):
    """Something of the form cannot be used: `field` names it ("sender", "phone_field", "text"), `code` says why.

    Codes: unknown, not_active, blank, too_long, bad_character, unreadable, over, too_early, and those of `text.tags`.
    """

    def __init__(self, field: str, code: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.code = code


class ModuleOff(NotThere):
    """The SMS module is switched off."""

    def __init__(self) -> None:
        super().__init__(_("The SMS module is switched off. Nothing was sent."))


class AudienceNotActive(AppError):
    """The audience is inactive or archived."""

    def __init__(self) -> None:
        super().__init__(_("This audience is not active. It must be active for sending."))


class NobodyReachable(AppError):
    """Every contact of the audience is skipped, or there is none; `plan` says why."""

    def __init__(self, plan: "Plan") -> None:
        super().__init__(_("Nobody can get this message."))
        self.plan = plan


class NotYourConfirmation(BadSignature):
    """The token was forged, or signed for another user, audience or send."""

    def __init__(self) -> None:
        super().__init__(_("This confirmation is not valid. Nothing was sent. Please open the message again."))


class QuotaMissing(Conflict):
    """The quota no longer suffices; nothing was sent."""

    def __init__(self, needed: int, available: int) -> None:
        super().__init__(_("The quota does not suffice. Nothing was sent."))
        self.needed = needed
        self.available = available


@dataclass(frozen=True, slots=True)
class Changes:
    """What differs from what was confirmed: contacts who get an SMS now (`new`) or no more (`gone`), and totals.

    All may be equal: then something else changed, or the confirmation was older than 30 minutes (`expired`).
    """

    recipients_before: int
    recipients: int
    new: int
    gone: int
    messages_before: int
    messages: int
    expired: bool = False


class FiguresChanged(Conflict):
    """Not what was confirmed any more: nothing was sent; `confirmed` is the fresh confirmation to show."""

    def __init__(self, changes: Changes, confirmed: "Confirmed") -> None:
        super().__init__(_("Something has changed since this was shown; nothing was sent yet."))
        self.changes = changes
        self.confirmed = confirmed
