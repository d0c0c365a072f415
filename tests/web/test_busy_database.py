"""While every connection to the database is taken a page says so, and does not break."""

from contextlib import ExitStack

from flask import Flask

from smsapp import create_app
from smsapp.extensions import db
from tests.conftest import TEST_OVERRIDES, let_go


def test_a_page_that_gets_no_connection_says_it(app: Flask) -> None:
    one = {"SQLALCHEMY_ENGINE_OPTIONS": {"pool_size": 1, "max_overflow": 0, "pool_timeout": 0.1}}
    crowded = create_app(app.extensions["smsapp_config"], {**TEST_OVERRIDES, **one})
    with crowded.app_context(), ExitStack() as taken:
        taken.enter_context(db.engine.connect())
        answer = crowded.test_client().get("/password/x", headers={"Accept-Language": "de"})
        assert answer.status_code == 503
        assert "Die Datenbank antwortet" in answer.text
    with crowded.app_context():
        let_go(crowded)
