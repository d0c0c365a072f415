"""The forms of the import."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, HiddenField, RadioField, SelectChoice, SelectField

from smsapp.clock import now
from smsapp.contacts.columns import FIELDS
from smsapp.contacts.encodings import ENCODINGS
from smsapp.contacts.importing.models import MENDS, ImportJob
from smsapp.contacts.importing.words import COLUMN_LABELS, DELIMITER_LABELS, ENCODING_LABELS, MEND_LABELS, ORDER_LABELS
from smsapp.contacts.tables import DELIMITERS
from smsapp.contacts.values import BadValue, parse_date, possible_orders
from smsapp.forms import choices_of

HEADER_LABELS = {"yes": _l("is a header line"), "no": _l("is a contact")}
_IDENTIFYING = {"first_name", "last_name", "email"}


class UploadForm(FlaskForm):
    """A table from this computer."""

    file = FileField(_l("File (Excel or CSV)"), validators=[FileRequired(_l("Please choose a file."))])


class ShapeForm(FlaskForm):
    """How to read the file."""

    encoding = SelectField(_l("Encoding"))
    delimiter = SelectField(_l("Cells are separated by"))
    has_header = SelectField(_l("First row"), choices=choices_of(HEADER_LABELS))

    def __init__(self, job: ImportJob, **posted: Any) -> None:
        chosen = {"encoding": job.encoding, "delimiter": job.delimiter, "has_header": "yes" if job.has_header else "no"}
        super().__init__(data=chosen, **posted)
        encodings = (*ENCODINGS, job.encoding)
        self.encoding.choices = choices_of({name: ENCODING_LABELS.get(name, name) for name in encodings})
        delimiters = (*DELIMITERS, job.delimiter)
        self.delimiter.choices = choices_of({each: DELIMITER_LABELS.get(each, each) for each in delimiters})

    @property
    def choices(self) -> tuple[SelectField, ...]:
        """The fields, in the order of the page."""
        return self.encoding, self.delimiter, self.has_header


class SheetForm(FlaskForm):
    """Which sheet of a workbook is read."""

    sheet = SelectField(_l("Sheet"), coerce=int)
    has_header = SelectField(_l("First row"), choices=choices_of(HEADER_LABELS))

    def __init__(self, job: ImportJob, **posted: Any) -> None:
        super().__init__(data={"sheet": job.sheet, "has_header": "yes" if job.has_header else "no"}, **posted)
        self.sheet.choices = [SelectChoice(number, name) for number, name in enumerate(job.sheets)]

    @property
    def choices(self) -> tuple[SelectField, ...]:
        """The fields, in the order of the page."""
        return self.sheet, self.has_header


def shape_form(job: ImportJob, **posted: Any) -> ShapeForm | SheetForm:
    """The form for this kind of file."""
    return SheetForm(job, **posted) if job.workbook else ShapeForm(job, **posted)


class ColumnsForm(FlaskForm):
    """What each column holds. The selects are made by `columns_form`."""

    date_order = SelectField(_l("Dates are written as"), choices=choices_of(ORDER_LABELS))
    company_address = BooleanField(_l("The address is that of the company, too"))

    @property
    def selects(self) -> list[SelectField]:
        """One for each column of the file."""
        return [field for field in self if field.name.startswith("column_")]

    @property
    def mapping(self) -> dict[int, str]:
        """The columns that are imported."""
        return {index: field.data for index, field in enumerate(self.selects) if field.data}

    def validate(self, extra_validators: Any = None) -> bool:
        """Each select by itself; then no field twice, and something to recognise people by."""
        right: bool = super().validate(extra_validators)
        taken = Counter(self.mapping.values())
        for field in self.selects:
            if field.data and taken[field.data] > 1:
                field.errors = [*field.errors, _("Two columns cannot fill the same field.")]
                right = False
        if not _IDENTIFYING & taken.keys():
            self.form_errors.append(_("Please say which column holds the names or the e-mail addresses."))
            right = False
        return right


def columns_form(job: ImportJob, **posted: Any) -> ColumnsForm:
    """A form with a select for each column of this file; `formdata=None` shows what is stored."""
    choices = choices_of({"": _("do not import"), **{field: COLUMN_LABELS[field] for field in FIELDS}})
    selects = {
        f"column_{index}": SelectField(heading or _("Column %(number)s", number=index + 1), choices=choices)
        for index, heading in enumerate(job.header)
    }
    data: dict[str, Any] = {f"column_{index}": job.columns.get(str(index), "") for index in range(len(job.header))}
    data["company_address"] = job.company_address
    data["date_order"] = job.date_order
    form: ColumnsForm = type("ColumnsForm", (ColumnsForm,), selects)(data=data, **posted)
    return form


def order_examples(dates: Sequence[str]) -> list[tuple[str, str]]:
    """Each order of dates with what it makes of a date from the file, if there is one that they read differently."""
    today = now().date()
    example = next((cell for cell in dates if possible_orders([cell], today)[:1] != [""]), "")
    return [(str(label), _reading(example, order, today)) for order, label in ORDER_LABELS.items()] if example else []


def _reading(example: str, order: str, today: date) -> str:
    try:
        day = parse_date(example, order, today)
    except BadValue:
        return str(_("%(date)s is not a date", date=example))
    return str(_("%(date)s is %(day)s", date=example, day=format_date(day, "long")))


class MendForm(FlaskForm):
    """What is done with numbers without country code."""

    mend = RadioField(_l("Numbers without country code"), choices=choices_of({way: MEND_LABELS[way] for way in MENDS}))


class RunForm(FlaskForm):
    """The check whose result the user saw."""

    round = HiddenField()

    @property
    def seen_round(self) -> int:
        """That check; one that never was where the form says nothing."""
        text = self.round.data or ""
        return int(text) if text.isdecimal() and len(text) < 10 else -1
