"""What the pages of an audience share: its head with the tabs, and the conditions as they are being edited."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from flask import request, url_for
from sqlalchemy import Select, func, select

from smsapp.accounts.rights import Right, may
from smsapp.audiences import editing, queries
from smsapp.audiences.conditions import EVERYBODY, ConditionError, Examined, Group, examine, parse, to_json
from smsapp.audiences.editing import DraftGroup, Path
from smsapp.audiences.models import Audience
from smsapp.audiences.sentence import sentence
from smsapp.audiences.words import field_choices, operator_choices, problem_text, value_label
from smsapp.campaigns import queries as campaign_queries
from smsapp.contacts.words import PHONE_FIELD_LABELS
from smsapp.delivery.models import Campaign
from smsapp.delivery.words import campaign_label, campaign_tone
from smsapp.extensions import db

PREVIEWED = ("mobile",)
SENT_WORDS: Mapping[str, Any] = {"campaign_label": campaign_label, "campaign_tone": campaign_tone}


def sends_of(audience_id: int, sort: str = campaign_queries.NEWEST_FIRST) -> Select[Any]:
    """The sends to this audience, sorted as the list of all is."""
    return campaign_queries.sends(sort=sort).where(Campaign.audience_id == audience_id)


def head(audience: Audience, tab: str, contacts: int) -> dict[str, Any]:
    """What the head and the tabs of an audience's pages show."""
    sends = db.session.scalar(select(func.count(Campaign.id)).where(Campaign.audience_id == audience.id)) or 0
    return {"audience": audience, "tab": tab, "contacts": contacts, "sends": sends}


def everybody() -> int:
    """How many contacts there are at all."""
    return queries.count(EVERYBODY)


def described(group: Group) -> str:
    """Conditions as a sentence."""
    return sentence(group, 0 if group.children else everybody())


@dataclass(frozen=True)
class Editor:
    """An audience's conditions as they are edited, and how they differ from what is saved."""

    audience: Audience
    draft: DraftGroup

    @classmethod
    def of_saved(cls, audience: Audience) -> "Editor":
        """The conditions as they are saved."""
        return cls(audience, editing.draft_of(parse(audience.tree)))

    @classmethod
    def of_form(cls, audience: Audience) -> "Editor":
        """The conditions as the form posts them."""
        return cls(audience, editing.read(request.form.items(multi=True)))

    @cached_property
    def shown(self) -> DraftGroup:
        """What a page can show of it."""
        return editing.visible(self.draft)

    @cached_property
    def examined(self) -> Examined:
        return examine(editing.to_tree(self.draft))

    @property
    def incomplete(self) -> int:
        """How many conditions do not count yet."""
        return len(self.examined.problems)

    @cached_property
    def changed(self) -> bool:
        """Whether this is anything else than what is saved."""
        return bool(self.incomplete) or to_json(self.examined.group) != to_json(parse(self.audience.tree))

    @cached_property
    def figures(self) -> queries.Figures:
        return queries.figures(self.examined.group, PREVIEWED)

    @cached_property
    def samples(self) -> Any:
        return queries.samples(self.examined.group)

    @cached_property
    def sentence(self) -> str:
        return described(self.examined.group)

    def problems(self) -> dict[str, str]:
        """What is wrong, by the name of the part in the form."""
        return {editing.name_of(self._keys(problem)): problem_text(problem) for problem in self.examined.problems}

    def _keys(self, problem: ConditionError) -> Path:
        return editing.keys_of(self.draft, problem.path)


def may_edit(audience: Audience) -> bool:
    """Whether the person looking at the page can change this audience."""
    return may(Right.EDIT) and not audience.archived


def part_words(audience: Audience) -> dict[str, Any]:
    """What the templates of conditions call."""
    suggestions: Callable[[str], list[str]] = cache(queries.suggestions)
    return {
        "field_choices": field_choices(),
        "operator_choices": operator_choices,
        "value_label": value_label,
        "suggestions": suggestions,
        "name_of": editing.name_of,
        "number_of": lambda path: ".".join(str(key + 1) for key in path),
        "fragment_url": lambda endpoint, **values: url_for(f"audiences.{endpoint}", audience_id=audience.id, **values),
        "phone_labels": PHONE_FIELD_LABELS,
        "editable": may_edit(audience),
        "problems": {},
    }
