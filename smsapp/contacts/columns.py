"""What the columns of people's tables are called: field keys by German, English and Finnish headings. Pure."""

import re

from smsapp.folding import search_key

_HEADINGS = {
    "salutation": "Anrede, Salutation, Puhuttelu",
    "first_name": "Vorname, Vornamen, First name, Given name, Forename, Etunimi",
    "last_name": "Nachname, Familienname, Zuname, Last name, Surname, Family name, Sukunimi",
    "job_title": "Funktion, Position, Beruf, Berufsbezeichnung, Stellenbezeichnung, Job title, Job, Role, "
    "Occupation, Tehtävä, Tehtävänimike, Ammatti, Ammattinimike",
    "company": "Firma, Firmenname, Unternehmen, Unternehmensname, Organisation, Arbeitgeber, Company, "
    "Company name, Organization, Employer, Yritys, Yrityksen nimi, Organisaatio, Työnantaja",
    "industry": "Branche, Firma Branche, Wirtschaftszweig, Industry, Company industry, Sector, Toimiala",
    "email": "E-Mail, Mail, E-Mail-Adresse, Mailadresse, E-Mail 1, E-Mail geschäftlich, Email address, Work email, "
    "Sähköposti, Sähköpostiosoite",
    "mobile": "Mobiltelefon, Mobil, Mobilnummer, Mobiltelefonnummer, Mobilfunk, Mobilfunknummer, Handy, Handynummer, "
    "Telefon mobil, Telefon (Handy), Natel, Mobile, Mobile phone, Mobile number, Mobile phone number, "
    "Phone (mobile), Cell, Cell phone, Cell number, GSM, Matkapuhelin, Matkapuhelinnumero, Kännykkä",
    "work_phone": "Telefon geschäftlich, Telefonnummer geschäftlich, Telefon (Arbeit), Telefon dienstlich, "
    "Telefon Büro, Geschäftstelefon, Diensttelefon, Work phone, Business phone, Office phone, Phone (work), "
    "Phone (business), Työpuhelin, Puhelin (työ)",
    "home_phone": "Telefon privat, Telefonnummer privat, Privattelefon, Home phone, Private phone, Phone (home), "
    "Phone (private), Kotipuhelin, Puhelin (koti)",
    "street": "Straße, Straße Hausnummer, Straße und Hausnummer, Straße Nr, Str., Adresse, Anschrift, Street, "
    "Street address, Address, Address 1, Address line 1, Osoite, Katuosoite, Lähiosoite",
    "postcode": "PLZ, Postleitzahl, Postcode, Post code, Postal code, ZIP, ZIP code, Postinumero",
    "city": "Ort, Stadt, Wohnort, City, Town, Kaupunki, Paikkakunta, Postitoimipaikka",
    "country": "Land, Staat, Länderkürzel, Ländercode, Country, Country code, Maa, Maakoodi",
    "language": "Sprache, Korrespondenzsprache, Language, Kieli, Asiointikieli",
    "birthday": "Geburtsdatum, Geburtstag, Geb., Geb.-Datum, Birthday, Birth date, Date of birth, DOB, "
    "Syntymäaika, Syntymäpäivä",
    "newsletter": "Newsletter, Rundbrief, Rundschreiben, Uutiskirje",
    "labels": "Stichwörter, Stichworte, Stichwort, Schlagwörter, Schlagworte, Etiketten, Kategorien, Labels, Label, "
    "Tags, Keywords, Categories, Avainsanat, Tunnisteet",
    "no_sms": "Keine SMS, SMS-Sperre, SMS gesperrt, No SMS, Do not text, SMS opt-out, Ei tekstiviestejä, SMS-kielto",
    "sms_consent": "SMS-Einwilligung, Einwilligung SMS, Einwilligung, SMS erlaubt, SMS consent, Consent, "
    "SMS opt-in, Opt-in, SMS-lupa, Suostumus, SMS-suostumus",
    "consent_date": "Einwilligung am, Einwilligung vom, Einwilligungsdatum, Datum der Einwilligung, "
    "SMS-Einwilligung am, SMS-Einwilligung (Datum), Consent date, Date of consent, SMS consent date, "
    "Consent given on, Suostumuksen päivämäärä, Suostumus annettu",
    "consent_source": "Quelle der Einwilligung, Einwilligung Quelle, Einwilligungsquelle, Herkunft der Einwilligung, "
    "SMS-Einwilligung (Quelle), Consent source, Source of consent, SMS consent source, Suostumuksen lähde",
    "website": "Website, Webseite, Homepage, Internet, Firma Website, Web, URL, Web site, Web page, Company website, "
    "Kotisivu, Verkkosivu",
}
FIELDS = tuple(_HEADINGS)
"""Every field key that a column can stand for, in the order of a contact's card."""


def word(text: str) -> str:
    """A name to compare by: no case, accents, blanks or punctuation; "ae" is "ä" is "a"."""
    letters = "".join(char for char in search_key(text) if char.isalnum())
    return re.sub("([aou])e", r"\1", letters)


def _words(names: str) -> list[str]:
    return [word(name) for name in names.split(",")]


_FIELD_OF = {name: field for field, names in _HEADINGS.items() for name in _words(names)}
_PHONE = frozenset(
    _words("Telefon, Telefonnummer, Tel., Tel.-Nr., Rufnummer, Phone, Phone number, Telephone, Puhelin, Puhelinnumero")
)
_NAME = frozenset(_words("Name, Nimi"))


def field_of(heading: str) -> str | None:
    """The field that this heading names beyond doubt."""
    return _FIELD_OF.get(word(heading))


def is_phone(heading: str) -> bool:
    """Whether the heading only says "Telefon": which one, the numbers below it tell."""
    return word(heading) in _PHONE


def is_name(heading: str) -> bool:
    """Whether the heading only says "Name": the last name, where there is a column of first names."""
    return word(heading) in _NAME
