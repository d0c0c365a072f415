"""The tab "Bedingungen": the editor, its fragments, and the way from it to the popup.

Parts of the editor come as fragments, each by itself, so that no field is swapped in which somebody types. Without
JavaScript the same buttons post the whole form, which comes back changed.
"""

import json
from collections.abc import Callable
from typing import Any

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from smsapp.accounts.rights import Right, needs
from smsapp.audiences import editing, queries, service
from smsapp.audiences.blueprint import blueprint
from smsapp.audiences.conditions import ConditionError, parse
from smsapp.audiences.editing import DraftGroup, path_of
from smsapp.audiences.models import Audience
from smsapp.audiences.pages import Editor, described, head, part_words
from smsapp.contacts.words import PHONE_FIELD_LABELS
from smsapp.errors import AppError
from smsapp.extensions import db
from smsapp.forms import SeenForm
from smsapp.text.normalise import clean_value
from smsapp.web import dialog, is_htmx

CHANGED = {"HX-Trigger": "conditions-changed"}


@blueprint.get("/<id:audience_id>/conditions")
@needs(Right.READ)
def conditions(audience_id: int) -> ResponseReturnValue:
    """The editor with the saved conditions."""
    return _page(Editor.of_saved(queries.existing(audience_id)))


@blueprint.post("/<id:audience_id>/conditions")
@needs(Right.EDIT)
def change_conditions(audience_id: int) -> ResponseReturnValue:
    """Save, or without JavaScript do to the form what the button says; `do` names it."""
    audience = queries.existing(audience_id)
    editor = Editor.of_form(audience)
    action, _colon, place = request.form.get("do", "save").partition(":")
    if action == "save":
        return _save(editor)
    return _page(Editor(audience, _done(editor.draft, action, place)))


def _done(draft: DraftGroup, action: str, place: str) -> DraftGroup:
    """The form after a button; one that no longer fits it does nothing."""
    path, _slash, index = place.partition("/")
    actions: dict[str, Callable[[], DraftGroup]] = {
        "row": lambda: editing.add_row(draft, path_of(path))[0],
        "group": lambda: editing.add_group(draft, path_of(path))[0],
        "remove": lambda: editing.remove(draft, path_of(path)),
        "drop": lambda: editing.drop_value(draft, path_of(path), int(index)),
    }
    try:
        return actions.get(action, lambda: draft)()
    except (LookupError, ValueError):
        return draft


def _save(editor: Editor) -> ResponseReturnValue:
    audience_id = editor.audience.id
    try:
        service.save_conditions(audience_id, editing.to_tree(editor.draft), SeenForm().seen_at)
    except ConditionError:
        return _page(editor, 422, problems=editor.problems())
    except AppError as error:
        db.session.rollback()
        again = Editor(queries.existing(audience_id), editor.draft)
        return _page(again, error.status, conflict=error.message, stored=described(parse(again.audience.tree)))
    flash(_("The conditions were saved."))
    return redirect(url_for("audiences.conditions", audience_id=audience_id), 303)


def _page(editor: Editor, status: int = 200, **values: Any) -> ResponseReturnValue:
    audience = editor.audience
    contacts = queries.count(audience.tree) if editor.changed else editor.figures.contacts
    seen = "" if "conflict" in values else _seen()
    context = {
        **part_words(audience),
        **head(audience, "conditions", contacts),
        "editor": editor,
        "seen": seen,
        **values,
    }
    return render_template("audiences/conditions.html", **context), status


@blueprint.post("/<id:audience_id>/conditions/preview")
@needs(Right.EDIT)
def preview(audience_id: int) -> ResponseReturnValue:
    """A fragment: whom the form's conditions choose, and the sentence. Conditions yet incomplete are left out."""
    editor = Editor.of_form(queries.existing(audience_id))
    return render_template(
        "audiences/_previewed.html", editor=editor, audience=editor.audience, phone_labels=PHONE_FIELD_LABELS
    )


@blueprint.post("/<id:audience_id>/conditions/part/<path>")
@needs(Right.EDIT)
def part(audience_id: int, path: str) -> ResponseReturnValue:
    """A fragment: the condition at this path after its field or operator was changed."""
    editor = Editor.of_form(queries.existing(audience_id))
    try:
        return _part(editor, editing.find(editor.shown, path_of(path)), path_of(path))
    except (LookupError, ValueError):
        abort(404)


@blueprint.post("/<id:audience_id>/conditions/new-part")
@needs(Right.EDIT)
def new_part(audience_id: int) -> ResponseReturnValue:
    """A fragment: a new condition or group for the group that `do` names ("row:2", "group:")."""
    editor = Editor.of_form(queries.existing(audience_id))
    action, _colon, place = request.form.get("do", "").partition(":")
    add = editing.add_group if action == "group" else editing.add_row
    try:
        draft, path = add(editor.draft, path_of(place))
    except (LookupError, ValueError):
        abort(404)
    return _part(editor, editing.find(draft, path), path, focus=True)


def _part(editor: Editor, part: Any, path: editing.Path, focus: bool = False) -> ResponseReturnValue:
    words = part_words(editor.audience)
    html = render_template("audiences/_part.html", part=part, path=path, focus=focus, **words)
    return html, 200, CHANGED


@blueprint.post("/<id:audience_id>/conditions/removed-part")
@needs(Right.EDIT)
def removed_part(audience_id: int) -> ResponseReturnValue:
    """A fragment: what stands, unseen, in the place of a condition or group that was removed."""
    queries.existing(audience_id)
    return render_template("audiences/_removed.html"), 200, CHANGED


@blueprint.post("/<id:audience_id>/conditions/send")
@needs(Right.SEND)
def send_check(audience_id: int) -> ResponseReturnValue:
    """To the popup; with unsaved changes first ask which conditions are meant."""
    editor = Editor.of_form(queries.existing(audience_id))
    return _ask(editor) if editor.changed else _to_popup(editor.audience)


@blueprint.post("/<id:audience_id>/conditions/save-and-send")
@needs(Right.SEND)
def save_and_send(audience_id: int) -> ResponseReturnValue:
    """Save the form's conditions, then to the popup."""
    editor = Editor.of_form(queries.existing(audience_id))
    try:
        service.save_conditions(audience_id, editing.to_tree(editor.draft), SeenForm().seen_at)
    except ConditionError:
        return _ask(editor, 422)
    except AppError as error:
        db.session.rollback()
        return _ask(Editor.of_form(queries.existing(audience_id)), error.status, error.message)
    return _to_popup(editor.audience)


def _ask(editor: Editor, status: int = 200, message: str = "") -> ResponseReturnValue:
    """The dialog with three ways on, the form's conditions in it."""
    audience = editor.audience
    kept = [(name, clean_value(value)[0]) for name, value in request.form.items(multi=True) if name.startswith("n.")]
    stored = described(parse(audience.tree))
    values: dict[str, Any] = {
        "audience": audience,
        "editor": editor,
        "kept": kept,
        "message": message,
        "stored": stored,
    }
    back = url_for("audiences.conditions", audience_id=audience.id)
    return dialog(
        "audiences/_unsaved.html", _("Unsaved changes"), back, status, seen=_seen(), trouble=message, **values
    )


def _seen() -> str:
    """The version of the audience that the form's user has seen, as the form says it."""
    return clean_value(request.form.get("seen", ""))[0]


def _to_popup(audience: Audience) -> ResponseReturnValue:
    url = url_for("popup.compose", audience_id=audience.id)
    if not is_htmx():
        return redirect(url, 303)
    location = json.dumps({"path": url, "target": "#dialog", "push": "false"})
    return Response(headers={"HX-Location": location, **CHANGED})
