"""Writing audiences. Their conditions decide whom a send reaches, so two editors never overwrite each other unseen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from smsapp.audiences.conditions import EVERYBODY, parse, to_json
from smsapp.audiences.models import Audience
from smsapp.clock import later_than
from smsapp.errors import AppError, NotThere, refuse_stale
from smsapp.extensions import db_write

LONGEST_NAME = 120
LONGEST_DESCRIPTION = 2000


@dataclass(frozen=True, slots=True)
class AudienceData:
    """What is said of an audience, apart from its conditions."""

    name: str
    description: str = ""
    active: bool = True
    owner_id: int | None = None


def create(data: AudienceData) -> int:
    """A new audience, as yet of all contacts; its id."""
    with db_write() as session:
        audience = Audience(tree=to_json(parse(EVERYBODY)))
        _write(audience, data)
        session.add(audience)
        session.flush()
        return audience.id


def change(audience_id: int, data: AudienceData, seen: datetime) -> None:
    """Write this data unless somebody saved after `seen`; raises NotThere, Changed, AppError for an archived one."""
    with db_write() as session:
        audience = _editable(session, audience_id, seen)
        _write(audience, data)
        audience.updated_at = later_than(audience.updated_at)


def save_conditions(audience_id: int, tree: Mapping[str, Any], seen: datetime) -> None:
    """Keep these conditions unless somebody saved after `seen`; raises ConditionError and what `change` raises."""
    stored = to_json(parse(tree))
    with db_write() as session:
        audience = _editable(session, audience_id, seen)
        audience.tree = stored
        audience.updated_at = later_than(audience.updated_at)


def copy(audience_id: int, owner_id: int | None) -> int:
    """A new, active audience with the same conditions; its id."""
    with db_write() as session:
        original = _found(session, audience_id)
        name = str(_("Copy of %(name)s", name=original.name))[:LONGEST_NAME]
        made = Audience(name=name, description=original.description, owner_id=owner_id, tree=original.tree)
        session.add(made)
        session.flush()
        return made.id


def set_archived(audience_id: int, archived: bool) -> None:
    """Put an audience away, or take it out again; what was sent to it stays."""
    with db_write() as session:
        audience = _found(session, audience_id)
        audience.archived = archived
        audience.updated_at = later_than(audience.updated_at)


def _write(audience: Audience, data: AudienceData) -> None:
    audience.name, audience.description = data.name, data.description
    audience.active, audience.owner_id = data.active, data.owner_id


def _found(session: Session, audience_id: int) -> Audience:
    audience = session.get(Audience, audience_id, with_for_update=True)
    if audience is None:
        raise NotThere(_("This audience does not exist or no longer exists."))
    return audience


def _editable(session: Session, audience_id: int, seen: datetime) -> Audience:
    audience = _found(session, audience_id)
    if audience.archived:
        raise AppError(_("This audience is archived. Restore it to change it."))
    refuse_stale(audience.updated_at, seen)
    return audience
