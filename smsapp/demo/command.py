"""`python -m smsapp demo`."""

import os

import click
from flask.cli import with_appcontext

from smsapp.accounts.passwords import SHORTEST_PASSWORD
from smsapp.demo.service import PasswordTooShort, fill

SHORTEST_MESSAGE = f"SMSAPP_DEMO_PASSWORD needs at least {SHORTEST_PASSWORD} characters."


@click.command("demo")
@with_appcontext
def demo() -> None:
    """Fill an empty database with sample data and print the logins; SMSAPP_DEMO=0 leaves it empty."""
    if os.environ.get("SMSAPP_DEMO") == "0":
        return
    try:
        filled = fill(os.environ.get("SMSAPP_DEMO_PASSWORD") or None)
    except PasswordTooShort as error:
        raise click.ClickException(SHORTEST_MESSAGE) from error
    if filled is None:
        return
    click.echo(f"Sample data: {filled.companies} companies and {filled.contacts} contacts, all of them made up.")
    width = max(len(login) for login in filled.logins)
    for login in filled.logins:
        click.echo(f"login: {login:<{width}}  password: {filled.password}")
