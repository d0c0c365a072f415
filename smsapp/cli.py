"""Commands: `.venv/bin/smsapp COMMAND`, or `python -m smsapp COMMAND`."""

import click
from flask import Flask
from flask.cli import FlaskGroup

from smsapp import create_app
from smsapp.config import ConfigError
from smsapp.delivery.cli import check, receiver, sweep, worker
from smsapp.demo.command import demo


def _app() -> Flask:
    try:
        return create_app()
    except ConfigError as error:
        raise click.ClickException(str(error)) from error


@click.group(cls=FlaskGroup, create_app=_app, add_default_commands=False)
def main() -> None:
    """Set up and run the CRM."""


for command in (demo, worker, receiver, sweep, check):
    main.add_command(command)


@main.command("migrate")
def migrate_database() -> None:
    """Bring the database to the newest form; one that does not answer is one clear line."""
    from flask_migrate import upgrade
    from sqlalchemy.exc import DBAPIError

    from smsapp.extensions import db

    try:
        db.engine.connect().close()
    except DBAPIError as error:
        raise click.ClickException(f"The database cannot be used: {str(error.orig).splitlines()[0]}") from error
    upgrade()


@main.command("prepare")
@click.pass_context
def prepare(context: click.Context) -> None:
    """Migrate, then demo."""
    context.invoke(migrate_database)
    context.invoke(demo)


@main.command("create-admin")
@click.option("--login", prompt=True)
@click.option("--name", prompt=True)
@click.password_option()
@click.pass_context
def create_admin(context: click.Context, login: str, name: str, password: str) -> None:
    """Make an administrator, in a database that may be new."""
    from smsapp.accounts.rights import Role
    from smsapp.accounts.service import create_user
    from smsapp.errors import AppError

    context.invoke(migrate_database)
    try:
        create_user(login, name, password, Role.ADMIN)
    except AppError as error:
        raise click.ClickException(error.message) from error
    click.echo(f"Administrator {login} created.")


@main.command("password-link")
@click.argument("login")
def password_link(login: str) -> None:
    """Print a one-time link by which this person chooses a new password."""
    from smsapp.accounts.queries import user_by_login
    from smsapp.accounts.service import reset_password
    from smsapp.errors import AppError

    user = user_by_login(login)
    if user is None:
        raise click.ClickException(f"There is no user {login}.")
    try:
        link = reset_password(user.id, even_last=True)
    except AppError as error:
        raise click.ClickException(error.message) from error
    click.echo(f"Open this address of the site within 24 hours: /password/{link.token}")
