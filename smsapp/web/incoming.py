"""What comes in: forms, files and addresses that every database takes as text, and ids that it can hold."""

import re
from typing import Any

from flask import abort, request
from htmx_flask.requests import HtmxAwareRequest
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.routing import IntegerConverter, Map
from werkzeug.utils import cached_property

from smsapp.types import LARGEST_ID

SUBSTITUTE = "\x1a"
FILE_FIELD = "file"
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")


class Form(ImmutableMultiDict[str, Any]):
    """What a form holds. NUL, which PostgreSQL keeps in no text, is Unicode's SUBSTITUTE here.

    That is a control character, too, so a field where text is typed says so as of any other.
    """

    def __init__(self, mapping: Any = None) -> None:
        super().__init__(mapping)
        for values in self.listvalues():
            values[:] = [each.replace("\0", SUBSTITUTE) if isinstance(each, str) else each for each in values]


class TextRequest(HtmxAwareRequest):
    """A request that knows htmx, and whose values every database takes as text."""

    parameter_storage_class = Form

    @cached_property
    def args(self) -> MultiDict[str, str]:
        """The values in the address, without control characters: nobody types any there."""
        pairs = super().args.items(multi=True)
        return ImmutableMultiDict([(name, _CONTROL.sub("", value)) for name, value in pairs])

    def _load_form_data(self) -> None:
        """Files are taken in one field only: forms mix them in, and where text belongs a file is nothing."""
        super()._load_form_data()
        taken = []
        for name, file in self.files.items(multi=True):
            if name == FILE_FIELD:
                taken.append((name, file))
            else:
                file.close()
        self.__dict__["files"] = ImmutableMultiDict(taken)


class IdConverter(IntegerConverter):
    """An id in an address, `<id:contact_id>`; with a larger number there is no such page."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=LARGEST_ID)


def refuse_nul() -> None:
    """No page has an address with NUL in its path."""
    if "\0" in request.path:
        abort(404)


def asked_ids(name: str) -> list[int]:
    """The ids that the address has by this name; what no database column could hold is none."""
    return [each for each in request.args.getlist(name, type=int) if 0 < each <= LARGEST_ID]


def asked_id(name: str) -> int | None:
    """The id that the address has by this name, if there is one."""
    return next(iter(asked_ids(name)), None)
