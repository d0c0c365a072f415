"""Commands of the send: workers, the sweep, the check of the invariants."""

import sys

import click
from flask import current_app
from flask.cli import with_appcontext

from smsapp.queue import BACKGROUND, SEND
from smsapp.stop import Stop, set_on_signals


@click.command()
@click.argument("queue", type=click.Choice([SEND, BACKGROUND]))
@with_appcontext
def worker(queue: str) -> None:
    """Work on the jobs of a queue until told to end."""
    from smsapp.delivery.worker import run
    from smsapp.gateways.registry import check as check_gateways

    try:
        check_gateways()
    except ValueError as error:  # a setting of a gateway that cannot be
        raise click.ClickException(str(error)) from error
    run(current_app._get_current_object(), queue)  # type: ignore[attr-defined]


@click.command()
@with_appcontext
def receiver() -> None:
    """Take receipts and incoming SMS from all SMPP gateways until told to end."""
    from smsapp.delivery.receiver import run

    run(current_app._get_current_object(), set_on_signals(Stop()))  # type: ignore[attr-defined]


@click.command()
@with_appcontext
def sweep() -> None:
    """Look every second for what was forgotten, until told to end."""
    from smsapp.contacts.importing.forgotten import wake_forgotten_imports
    from smsapp.delivery.sweep import run

    run(current_app._get_current_object(), set_on_signals(Stop()), (wake_forgotten_imports,))  # type: ignore[attr-defined]


@click.command()
@with_appcontext
def check() -> None:
    """Check that no SMS and no quota is lost or doubled; prints what is wrong and ends with status 1.

    Receipts that belong to none of our SMS are no fault of ours: they are only counted.
    """
    from smsapp.delivery.invariants import violations
    from smsapp.delivery.receipts import unmatched

    found = violations()
    if strange := unmatched():
        click.echo(f"Receipts that belong to no SMS of ours: {strange}", err=True)
    for line in found:
        click.echo(line)
    sys.exit(1 if found else 0)
