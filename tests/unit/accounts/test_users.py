"""What differs between databases when users are changed: each test runs on SQLite and on PostgreSQL."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import time_machine
from click.testing import CliRunner
from flask import Flask

from smsapp.accounts import logging_in, queries, service, throttle
from smsapp.accounts.models import FailedLogin, User
from smsapp.accounts.rights import Role
from smsapp.accounts.service import BadField, Link
from smsapp.cli import password_link
from smsapp.clock import now
from smsapp.errors import AppError, Conflict, NotThere
from smsapp.extensions import db, db_write
from tests import factories

PASSWORD = "Winterabend im Hafen"


@pytest.fixture(autouse=True)
def on_each_database(any_app: Flask) -> Flask:
    """An application on one of the databases."""
    return any_app


def stored(user_id: int) -> User:
    db.session.rollback()
    return db.session.get_one(User, user_id)


def invite(login: str = "anna", role: Role = Role.SENDER) -> Link:
    return service.invite_user(login, "Anna Alt", role, "de")


def at_once(app: Flask, *calls: Callable[[], object]) -> list[object]:
    """What each call gave or raised; all begin in the same moment."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], object]) -> object:
        with app.app_context():
            barrier.wait()
            try:
                return call()
            except AppError as error:
                return error
            finally:
                db.session.remove()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


@pytest.mark.parametrize("typed", ["Anna", " anna ", "ANNA"])
def test_a_login_is_taken_regardless_of_case(typed: str) -> None:
    invite("anna")
    with pytest.raises(BadField) as caught:
        invite(typed)
    assert caught.value.field == "login"
    assert db.session.query(User).count() == 1


def test_other_alphabets_have_no_case_either() -> None:
    assert stored(invite("JÜRGEN.Groß").user_id).login == "jürgen.gross"


@pytest.mark.parametrize("login", ["", " ", "a b", "a\0b", "anna\u200b", ".anna", "a/b", "x" * 81, "@"])
def test_a_login_that_cannot_be_is_refused(login: str) -> None:
    with pytest.raises(BadField):
        invite(login)


def test_of_two_who_take_a_login_at_once_one_gets_it(any_app: Flask) -> None:
    results = at_once(any_app, *[invite] * 4)
    assert sum(isinstance(result, Link) for result in results) == 1
    assert sum(isinstance(result, BadField) for result in results) == 3


def test_the_last_administrator_stays_one() -> None:
    boss = factories.user(role="admin").id
    factories.user(role="sender")
    with pytest.raises(Conflict):
        service.disable_user(boss)
    with pytest.raises(Conflict):
        service.change_user(boss, "Chef", Role.SENDER, "de")
    assert (stored(boss).active, stored(boss).role) == (True, Role.ADMIN)


def test_an_administrator_who_cannot_log_in_is_none() -> None:
    boss = factories.user(role="admin").id
    factories.user(role="admin", active=False)
    invite("neu", Role.ADMIN)
    with pytest.raises(Conflict):
        service.disable_user(boss)


def test_two_administrators_cannot_disable_each_other(any_app: Flask) -> None:
    one, other = (factories.user(role="admin").id for _ in range(2))
    results = at_once(any_app, lambda: service.disable_user(one), lambda: service.disable_user(other))
    assert sum(isinstance(result, Conflict) for result in results) == 1
    assert len(db.session.scalars(queries.administrators()).all()) == 1


def test_two_administrators_cannot_reset_each_other(any_app: Flask) -> None:
    one, other = (factories.user(role="admin").id for _ in range(2))
    results = at_once(any_app, lambda: service.reset_password(one), lambda: service.reset_password(other))
    assert sum(isinstance(result, Conflict) for result in results) == 1
    assert len(db.session.scalars(queries.administrators()).all()) == 1


def test_an_invited_administrator_gets_a_new_link_while_nobody_else_administers() -> None:
    link = invite("neu", Role.ADMIN)
    assert service.reset_password(link.user_id).token != link.token


def test_whoever_runs_the_machine_gets_the_last_administrator_a_new_password() -> None:
    boss = factories.user(login="chefin", role="admin").id
    answer = CliRunner().invoke(password_link, ["chefin"], catch_exceptions=False)
    token = answer.output.strip().rpartition("/")[2]
    assert service.use_link(token, PASSWORD) == boss


def test_two_administrators_cannot_take_the_role_from_each_other(any_app: Flask) -> None:
    ids = [factories.user(role="admin").id for _ in range(4)]
    demote = [lambda user_id=user_id: service.change_user(user_id, "Ex", Role.VIEWER, "de") for user_id in ids]
    results = at_once(any_app, *demote)
    assert sum(isinstance(result, Conflict) for result in results) == 1
    assert len(db.session.scalars(queries.administrators()).all()) == 1


def test_the_link_sets_the_password_once() -> None:
    link = invite()
    assert service.use_link(link.token, PASSWORD) == link.user_id
    found = logging_in.authenticate("Anna", PASSWORD)
    assert found is not None
    with pytest.raises(NotThere):
        service.use_link(link.token, "ein anderes Passwort")


def test_a_link_that_is_used_twice_at_once_counts_once(any_app: Flask) -> None:
    link = invite()
    results = at_once(any_app, *[lambda: service.use_link(link.token, PASSWORD)] * 3)
    assert sum(result == link.user_id for result in results) == 1


def test_only_the_hash_of_a_link_is_stored() -> None:
    link = invite()
    row = queries.open_link(link.user_id)
    assert row is not None
    assert link.token not in (row.token_hash, str(vars(row)))


def test_a_link_lasts_a_day() -> None:
    link = invite()
    with time_machine.travel(now() + timedelta(hours=23, minutes=59)):
        assert service.link_user(link.token).id == link.user_id
    with time_machine.travel(now() + timedelta(hours=24, minutes=1)), pytest.raises(NotThere):
        service.use_link(link.token, PASSWORD)


def test_a_new_link_ends_the_one_before() -> None:
    first = invite()
    second = service.reset_password(first.user_id)
    with pytest.raises(NotThere):
        service.link_user(first.token)
    assert service.link_user(second.token).id == first.user_id


def test_a_reset_ends_the_password_and_all_sessions() -> None:
    link = invite()
    service.use_link(link.token, PASSWORD)
    session = stored(link.user_id).get_id()
    service.reset_password(link.user_id)
    assert queries.user_by_session(session) is None
    assert logging_in.authenticate("anna", PASSWORD) is None


def test_disabling_ends_sessions_and_links_for_good() -> None:
    link = invite()
    session = stored(link.user_id).get_id()
    service.disable_user(link.user_id)
    assert queries.user_by_session(session) is None
    service.enable_user(link.user_id)
    assert queries.user_by_session(session) is None
    with pytest.raises(NotThere):
        service.link_user(link.token)


@pytest.mark.parametrize("password", ["elf Zeichen", "", "x" * 201, "anna.maria.alt", " ANNA.maria.alt "])
def test_a_bad_password_is_refused_and_the_link_stays(password: str) -> None:
    link = invite("anna.maria.alt")
    with pytest.raises(BadField):
        service.use_link(link.token, password)
    assert service.link_user(link.token).id == link.user_id


@pytest.mark.parametrize("password", ["zwölfZeichen", "            ", "Пароль из слов", "0123456789ab"])
def test_length_is_all_that_counts(password: str) -> None:
    assert service.use_link(invite().token, password)


def test_many_guesses_at_once_are_counted_one_by_one(any_app: Flask) -> None:
    by = throttle.counts("anna", "10.0.0.1", None)

    def attempt() -> bool:
        with db_write() as session:
            return throttle.begin(session, by, now()) is None

    results = at_once(any_app, *[attempt] * 12)
    assert results.count(True) == throttle.FREE_BY_LOGIN
    assert {row.failures for row in db.session.query(FailedLogin)} == {throttle.FREE_BY_LOGIN}


@pytest.mark.parametrize(("failures", "minutes"), [(4, 0), (5, 1), (6, 2), (7, 4), (8, 8), (9, 15), (5000, 15)])
def test_the_waiting_doubles_up_to_a_quarter_of_an_hour(failures: int, minutes: int) -> None:
    assert throttle.delay(failures, 5) == timedelta(minutes=minutes)


def test_users_are_found_without_accents() -> None:
    invite("zoe.celik")
    user_id = invite("z2").user_id
    service.change_user(user_id, "Zoë Çelik", Role.VIEWER, "de")
    found = db.session.scalars(queries.users("celik Zoe")).all()
    assert {user.login for user in found} == {"zoe.celik", "z2"}
    assert [user.login for user in db.session.scalars(queries.users("ö_%"))] == []


@pytest.mark.parametrize("sort", [sign + name for name in queries.ORDERS for sign in ("", "-")])
def test_users_sort_by_every_column(sort: str) -> None:
    for role in Role:
        factories.user(role=role)
    assert len(db.session.scalars(queries.users(sort=sort)).all()) == 4


def test_roles_sort_by_what_they_may() -> None:
    for role in ("sender", "admin", "viewer", "editor"):
        factories.user(role=role)
    assert [user.role for user in db.session.scalars(queries.users(sort="role"))] == list(Role)
