"""Logins of before the folding: none is lost, none is there twice."""

import pytest
from flask_migrate import downgrade, upgrade
from sqlalchemy import text

from smsapp.accounts.models import User
from smsapp.extensions import db, db_write

INSERT = text(
    "INSERT INTO user_account (login, name, password_hash, role, language, active, created_at)"
    " VALUES (:login, 'Zoë', 'hash', 'admin', 'de', true, '2026-11-22 10:00:00')"
)


@pytest.mark.usefixtures("any_app")
def test_logins_that_differ_in_case_only_get_a_number() -> None:
    downgrade(revision="0002")
    with db_write() as session:
        for login in ("Anna", "anna", "ANNA ", "bert", "anna-2"):
            session.execute(INSERT, {"login": login})
    upgrade()
    users = db.session.query(User).order_by(User.id).all()
    assert [user.login for user in users] == ["anna", "anna-2", "anna-3", "bert", "anna-2-2"]
    assert len({user.session_key for user in users}) == 5
    assert users[0].search_key == "zoe anna"
