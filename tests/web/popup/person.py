"""A person in front of the popup."""

import re
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import func, select

from smsapp.delivery.models import Campaign
from smsapp.extensions import db
from smsapp.quota.models import QuotaAccount
from tests.web.checker import CheckedClient

KEY = "0123456789abcdef0123456789abcdef"


class Popup:
    """A person in front of the popup."""

    def __init__(self, client: FlaskClient, audience_id: int) -> None:
        self.client = CheckedClient(client)
        self.url = f"/audiences/{audience_id}/send"

    def post(self, step: str, text: str = "Hallo {Vorname}", htmx: bool = True, **values: Any) -> Any:
        """Post the popup's form to one of its steps."""
        data = {"sender": "", "phone_field": "mobile", "text": text, "send_key": KEY, **values}
        if htmx:
            return self.client.fragment(f"{self.url}/{step}", method="POST", data=data)
        return self.client.post(f"{self.url}/{step}", data=data)

    def token(self, text: str = "Hallo {Vorname}", **values: Any) -> str:
        """What a confirmation of this text would send with "Yes"."""
        page = self.post("confirm", text, **values)
        assert page.status_code == 200, page.text
        found = re.search(r'name="token" value="([^"]+)"', page.text)
        assert found
        return found[1]


def campaigns() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count(Campaign.id))) or 0


def available() -> int:
    db.session.rollback()
    return db.session.get_one(QuotaAccount, 1).available
