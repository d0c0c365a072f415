"""What a send is called in lists: the beginning of its text, for eyes that look for one. Asks no database."""

import re
from typing import Final

from smsapp.text.tag_names import display_name
from smsapp.text.tags import Literal, Template

LONGEST_NAME: Final = 40
_TAG: Final = "…"
_GREETING: Final = re.compile(f"[^,!{_TAG}]{{0,40}}{_TAG}[^,!]{{0,20}}[,!]\\s*(?=.*\\w)")


def name_of(template: Template, language: str) -> str:
    """The text's first words. A greeting with tags is left off, as it says the same of many sends.

    Any other tag is a gap "…"; a text of tags alone is called by their names.
    """
    parts = (part.text if isinstance(part, Literal) else _TAG for part in template.parts)
    text = " ".join("".join(parts).split())
    if not re.search(r"\w", text):
        text = ", ".join(display_name(field, language) for field in template.fields) or text
    if greeting := _GREETING.match(text):
        text = text[greeting.end() :]
        text = text[:1].upper() + text[1:]
    return _shortened(text)


def _shortened(text: str) -> str:
    if len(text) <= LONGEST_NAME:
        return text
    head, space, _rest = text[:LONGEST_NAME].rpartition(" ")
    return (head if space and len(head) > LONGEST_NAME // 2 else text[: LONGEST_NAME - 1]).rstrip(" .,;:-–—…") + "…"
