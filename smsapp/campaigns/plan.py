"""A plan: an order worked out on its audience by the database, into a temporary table `plan_row`."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from smsapp.campaigns.order import Order


@dataclass(frozen=True, slots=True)
class Plan:
    """What an order comes to. `histogram` is billed messages -> recipients, `skips` reason -> contacts.

    `more_parts` counts recipients for whom the network carries more parts than are billed; `shortest` and
    `longest` are characters of the recipients' texts (0 without recipients).
    """

    contacts: int
    recipients: int
    messages: int
    histogram: dict[int, int]
    skips: dict[str, int]
    more_parts: int
    shortest: int
    longest: int
    digest: str

    @property
    def skipped(self) -> int:
        return self.contacts - self.recipients


def work_out(session: Session, order: Order) -> Plan:
    """Fill the temporary table `plan_row` with every contact of the audience, and read the plan from it.

    The table lives in the session's transaction; `launch` copies deliveries and skips from it.
    """
    raise NotImplementedError
