"""Errors of the database are logged with their traceback: nothing of people's data stands in it."""

import traceback

import pytest
from flask import Flask
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from smsapp.contacts.models import Block
from smsapp.extensions import db_write
from tests import factories

NUMBER, REASON = "+491715550101", "Beschwerde"


def test_an_error_says_what_is_wrong_and_not_of_whom(any_app: Flask) -> None:
    factories.block(NUMBER)
    with pytest.raises(IntegrityError) as caught, db_write() as session:
        session.execute(insert(Block).values(e164=NUMBER, reason=REASON))
    logged = "".join(traceback.format_exception(caught.value))
    assert "block" in logged
    assert not [each for each in (NUMBER, REASON) if each in logged]
