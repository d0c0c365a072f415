"""The words for what an import stores as codes: fields, states, outcomes, reasons, notices."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from smsapp.contacts.importing.models import BY_COUNTRY, LEAVE
from smsapp.contacts.tables import Unreadable
from smsapp.contacts.words import CONSENTS, MISTAKES, PHONE_FIELD_LABELS, SALUTATIONS, country_name, language_name
from smsapp.web import format_day, format_number

COLUMN_LABELS = {
    "salutation": _l("Salutation"),
    "first_name": _l("First name"),
    "last_name": _l("Last name"),
    "job_title": _l("Job title"),
    "company": _l("Company"),
    "industry": _l("Company: industry"),
    "website": _l("Company: website"),
    "email": _l("E-mail"),
    "mobile": PHONE_FIELD_LABELS["mobile"],
    "work_phone": PHONE_FIELD_LABELS["work"],
    "home_phone": PHONE_FIELD_LABELS["home"],
    "street": _l("Street and number"),
    "postcode": _l("Postcode"),
    "city": _l("City"),
    "country": _l("Country"),
    "language": _l("Language"),
    "birthday": _l("Birthday"),
    "newsletter": _l("Newsletter"),
    "labels": _l("Labels"),
    "no_sms": _l("No SMS"),
    "sms_consent": _l("SMS consent"),
    "consent_date": _l("Consent given on"),
    "consent_source": _l("Source of the consent"),
}
"""What a column can hold."""

FIELD_LABELS = {
    **COLUMN_LABELS,
    **PHONE_FIELD_LABELS,
    "consent": COLUMN_LABELS["sms_consent"],
    "consent_on": COLUMN_LABELS["consent_date"],
    "no_sms_reason": _l("Reason for “no SMS”"),
    "company_industry": COLUMN_LABELS["industry"],
    "company_website": COLUMN_LABELS["website"],
    "company_street": _l("Company: street"),
    "company_postcode": _l("Company: postcode"),
    "company_city": _l("Company: city"),
    "company_country": _l("Company: country"),
}
"""What may change or be wrong: the fields of a contact, and those of its company."""

STATES = {
    "reading": _l("being read"),
    "uploaded": _l("uploaded"),
    "checking": _l("being checked"),
    "checked": _l("checked"),
    "running": _l("being imported"),
    "done": _l("finished"),
    "failed": _l("interrupted"),
    "undone": _l("undone"),
}
STATE_TONES = {
    "reading": "info",
    "checking": "info",
    "running": "info",
    "checked": "warn",
    "done": "good",
    "failed": "bad",
}

MEND_LABELS = {
    LEAVE: _l("leave as they are"),
    "DE": _l("add +49 (Germany)"),
    "FI": _l("add +358 (Finland)"),
    BY_COUNTRY: _l("add the code of the contact's country"),
}

ENCODING_LABELS = {
    "utf-8": "Unicode (UTF-8)",
    "utf-8-sig": "Unicode (UTF-8, BOM)",
    "utf-16": "Unicode (UTF-16)",
    "cp1252": "Windows (cp1252)",
    "mac_roman": "Mac Roman",
    "cp850": "DOS (cp850)",
}
ORDER_LABELS = {
    "": _l("as written"),
    "DMY": _l("day, month, year"),
    "MDY": _l("month, day, year"),
    "YMD": _l("year, month, day"),
}
DELIMITER_LABELS = {
    ";": _l("semicolon ( ; )"),
    ",": _l("comma ( , )"),
    "\t": _l("tab"),
    "|": _l("bar ( | )"),
}

REASONS = {
    "too_many_cells": _l("The row has more cells than there are columns."),
    "quote": _l("There is text after a closing quotation mark."),
    "nobody": _l("The row has neither a name nor an e-mail address of its own."),
    "ambiguous_mobile": _l("Several contacts have this name and mobile number."),
    "ambiguous_name": _l("Several contacts have this name and company."),
    "same_contact": _l("Another row stands for the same contact, with another name, company, e-mail or mobile number."),
    "too_long": _l("A value is too long."),
    "too_many": _l("There are too many labels."),
    "yes_no": _l("This is neither yes nor no."),
    "date": _l("This is not a date."),
    "two_digit_year": _l(
        "The year has only two digits. It is read if you choose in the step “Columns” how dates are written."
    ),
    "ambiguous_date": _l(
        "This date could be read in two ways. Please choose in the step “Columns” how dates are written."
    ),
    "country": _l("This country is not known."),
    "language": _l("This language is not known."),
    "salutation": _l("This salutation is not known."),
    "choice": MISTAKES["choice"],
    "future": MISTAKES["future"],
    "too_early": MISTAKES["too_early"],
}
NOTICES = {
    "no_email": _l("The e-mail cell holds no address and is left out."),
    "control_characters": _l("Invisible control characters are removed."),
    "without_company": _l("The industry or website is left out, as the row names no company."),
    "name_changes": _l("The name of a stored contact changes."),
}
ERRORS = {
    "gave_up": _l("The import stopped several times. Your administrator finds the cause in the log."),
    "file_gone": _l("The uploaded file is no longer there. Please upload it again."),
}


def reason_text(reason: str, detail: Mapping[str, Any]) -> str:
    """Why a row is rejected, in words: the field, the value, what is wrong."""
    sentence = str(REASONS[reason])
    field, value = detail.get("field"), detail.get("value")
    if not field:
        return sentence
    label = str(FIELD_LABELS.get(field, field))
    if reason == "too_long":
        return str(_("%(field)s: more than %(limit)s characters.", field=label, limit=value))
    if reason == "too_many":
        return str(_("%(field)s: more than %(limit)s.", field=label, limit=value))
    return str(_("%(field)s: “%(value)s”. %(sentence)s", field=label, value=value, sentence=sentence))


def value_text(field: str, value: Any) -> str:
    """A stored value as people read it."""
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, list):
        return ", ".join(value)
    if field in ("birthday", "consent_on") and value:
        return format_day(date.fromisoformat(value))
    if field in ("country", "company_country", "language") and value:
        return language_name(value) if field == "language" else country_name(value)
    words = {"salutation": SALUTATIONS, "consent": CONSENTS}.get(field, {})
    return str(words.get(value, value) or "")


def unreadable_sentence(error: Unreadable | OSError) -> str:
    """Why the file as a whole cannot be read, and what to do."""
    if isinstance(error, OSError):
        return str(ERRORS["file_gone"])
    return f"{_place(error)}{unreadable_text(error.code)}"


def _place(error: Unreadable) -> str:
    if error.line is None or error.code in ("empty", "too_many_lines"):
        return ""
    return str(_("Line %(line)s: ", line=format_number(error.line)))


def unreadable_text(code: str) -> str:
    """Why a file cannot be read, without the place."""
    sentences = {
        "empty": _("The file is empty."),
        "empty_sheet": _("This sheet is empty."),
        "no_rows": _("The file has a header line, but no rows below it."),
        "workbook": _("This is a workbook of an old Excel, or one with a password. Please save it as .xlsx or CSV."),
        "workbook_other": _("This is no workbook of Excel. Please save the table as .xlsx or CSV."),
        "workbook_broken": _("This workbook is damaged. Please open it and save it as .xlsx or CSV."),
        "workbook_too_large": _("This workbook is too large when unpacked. Please save its table as CSV."),
        "workbook_too_long": _("This workbook has more than 3,000,000 cells. Please save its table as CSV."),
        "web_page": _("This is a web page or XML, whatever its name says. Please save the table as .xlsx or CSV."),
        "not_text": _("This is not a table. Please upload an Excel file (.xlsx) or a CSV file."),
        "nul": _("The file holds a NUL character and so is no text. Please export it again."),
        "encoding": _("The characters do not fit the encoding. Please export the file as UTF-8."),
        "line_too_long": _("The line is too long for a table of contacts."),
        "quote": _("A quotation mark is opened and not closed, or text follows a closed one."),
        "no_header": _("This is not a header line."),
        "too_many_columns": _("The file has too many columns; at most 200 are possible."),
        "too_many_lines": _("The file has too many lines."),
    }
    return str(sentences.get(code, _("The file cannot be read.")))


def error_text(error: str | None) -> str:
    """Why the work ended early."""
    return str(ERRORS[error]) if error in ERRORS else unreadable_text(error or "")
