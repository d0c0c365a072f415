"""The jobs that a worker runs: ids only, a few lines each."""

from smsapp.contacts.importing import unpacking, work


def read(import_id: int) -> None:
    unpacking.read(import_id)


def check(import_id: int) -> None:
    work.check(import_id)


def run(import_id: int) -> None:
    work.run(import_id)
