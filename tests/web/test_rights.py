"""Every route names its right, and nobody gets past it. The tables come from the URL map."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import AnyConverter, BaseConverter, Rule
from werkzeug.routing.converters import NumberConverter

from smsapp.accounts.rights import Right, Role, rights_of

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
OPEN_TO_ALL = {
    *("accounts.login", "accounts.log_in", "accounts.logout", "accounts.choose_password"),
    *("overview.healthz", "static"),
    *("kannel.receipt", "kannel.sms"),  # their right is the code in the address
}

# What everybody may change: themselves.
OWN = {"profile.change", "profile.change_password"}


def routes(app: Flask) -> Iterator[tuple[Rule, str, Right | None]]:
    """Each rule with each of its methods and the right that it needs."""
    for rule in app.url_map.iter_rules():
        right = getattr(app.view_functions[rule.endpoint], "needed_right", None)
        yield from ((rule, method, right) for method in METHODS if method in (rule.methods or ()))


def address(app: Flask, rule: Rule) -> str:
    """A URL of the rule, with 1 for every number, "x" for every text, and the first of several words."""
    values = {name: example(rule._converters[name]) for name in rule.arguments}
    with app.test_request_context():
        return rule.build(values)[1]  # type: ignore[index]


def example(converter: BaseConverter) -> object:
    if isinstance(converter, AnyConverter):
        return min(converter.items)
    return 1 if isinstance(converter, NumberConverter) else "x"


def test_every_route_names_its_right(app: Flask) -> None:
    views = app.view_functions.items()  # `static` is Flask's own
    assert [name for name, view in views if name != "static" and not hasattr(view, "needed_right")] == []


def test_only_these_routes_are_open_to_all(app: Flask) -> None:
    assert {rule.endpoint for rule, _, right in routes(app) if right is None} == OPEN_TO_ALL


@pytest.mark.parametrize("role", list(Role))
def test_a_right_that_the_role_lacks_is_refused(app: Flask, role: Role, request: pytest.FixtureRequest) -> None:
    client: FlaskClient = request.getfixturevalue(role)
    wrong = []
    for rule, method, right in routes(app):
        if right is None or right in rights_of(role):
            continue
        status = client.open(address(app, rule), method=method).status_code
        if status != 403:
            wrong.append((method, rule.rule, status))
    assert wrong == []


def test_strangers_are_sent_to_the_login(app: Flask, client: FlaskClient) -> None:
    for rule, method, right in routes(app):
        if right is not None:
            answer = client.open(address(app, rule), method=method)
            assert (answer.status_code, answer.location.partition("?")[0]) == (302, "/login"), rule.rule


def test_a_fragment_for_strangers_leaves_the_page_and_asks_for_the_login(app: Flask, client: FlaskClient) -> None:
    for rule, method, right in routes(app):
        if right is not None:
            answer = client.open(address(app, rule), method=method, headers={"HX-Request": "true"})
            assert (answer.status_code, answer.text) == (401, ""), rule.rule
            assert answer.headers["HX-Reswap"] == "none"
            assert answer.headers["HX-Trigger"] == "login-needed"


def test_a_route_that_names_no_right_lets_nobody_in(app: Flask, admin: FlaskClient) -> None:
    view: Any = app.view_functions["overview.start"]
    right = view.needed_right
    del view.needed_right
    try:
        with pytest.raises(AttributeError):
            admin.get("/")
    finally:
        view.needed_right = right


def test_strangers_are_asked_to_log_in_before_their_forms_are_looked_at(app: Flask, client: FlaskClient) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    assert client.post("/settings/undo").location.startswith("/login")


def test_viewers_change_nothing_but_themselves(app: Flask) -> None:
    writing = {rule.endpoint for rule, method, right in routes(app) if method != "GET" and right is Right.READ}
    assert writing == OWN


def test_only_administrators_reach_settings_and_users(app: Flask) -> None:
    rights = {right for rule, _, right in routes(app) if rule.endpoint.startswith(("settings.", "users."))}
    assert rights == {Right.ADMINISTER}
