"""The names and words that the sample CRM is made of."""

from typing import Final, NamedTuple


class Place(NamedTuple):
    """A town with its country, some of its postcodes and streets."""

    city: str
    country: str
    postcodes: tuple[str, ...]
    streets: tuple[str, ...]


PLACES: Final = {
    "hh": Place(
        "Hamburg",
        "DE",
        ("20095", "20457", "22041", "22303", "22765"),
        ("Speicherstraße", "Deichtorplatz", "Elbchaussee", "Mühlenkamp", "Osterstraße", "Bahrenfelder Straße"),
    ),
    "hl": Place("Lübeck", "DE", ("23552", "23558"), ("Hüxstraße", "Mühlenstraße", "An der Untertrave")),
    "ki": Place("Kiel", "DE", ("24103", "24105"), ("Holtenauer Straße", "Feldstraße", "Hafenstraße")),
    "hb": Place("Bremen", "DE", ("28195", "28203"), ("Am Wall", "Ostertorsteinweg", "Schlachte")),
    "h": Place("Hannover", "DE", ("30159", "30449"), ("Georgstraße", "Limmerstraße")),
    "b": Place("Berlin", "DE", ("10115", "10999", "12043"), ("Torstraße", "Oranienstraße", "Karl-Marx-Straße")),
    "k": Place("Köln", "DE", ("50667", "50823"), ("Ehrenstraße", "Venloer Straße")),
    "m": Place("München", "DE", ("80331", "80469"), ("Sendlinger Straße", "Reichenbachstraße")),
    "w": Place("Wien", "AT", ("1010", "1070"), ("Wollzeile", "Neubaugasse")),
    "zh": Place("Zürich", "CH", ("8001", "8004"), ("Langstrasse", "Rennweg")),
    "hel": Place("Helsinki", "FI", ("00100", "00530"), ("Mannerheimintie", "Hämeentie", "Fredrikinkatu")),
    "tam": Place("Tampere", "FI", ("33100", "33200"), ("Hämeenkatu", "Satakunnankatu")),
    "tur": Place("Turku", "FI", ("20100", "20500"), ("Aurakatu", "Linnankatu")),
}


class Firm(NamedTuple):
    """A company, where it is, what it does, and roughly how many of its people we know."""

    name: str
    place: str
    industry: str
    people: int


FIRMS: Final = (
    Firm("Alt & Söhne OHG", "hh", "Handel", 18),
    Firm("Busch KG", "hh", "Gastronomie", 12),
    Firm("Hafenbau AG", "hh", "Bau", 24),
    Firm("Alsterlicht GmbH", "hh", "Handwerk", 9),
    Firm("Kaffeerösterei Brandung", "hh", "Gastronomie", 14),
    Firm("Elbkontor Handelsgesellschaft mbH", "hh", "Handel", 22),
    Firm("Tidenhub Logistik GmbH", "hh", "Logistik", 20),
    Firm("Fischmarkt Feinkost e. K.", "hh", "Handel", 8),
    Firm("Praxis am Stadtpark", "hh", "Gesundheit", 7),
    Firm("Möwe & Partner Steuerberatung", "hh", "Beratung", 11),
    Firm("Werkstatt Lattenkamp", "hh", "Handwerk", 6),
    Firm("Nordlicht Verlag", "hh", "Medien", 10),
    Firm("Hotel Zum Anker", "hh", "Gastronomie", 16),
    Firm("Bäckerei Krümel & Co.", "hh", "Gastronomie", 13),
    Firm("Segelmacherei Winterhude", "hh", "Handwerk", 5),
    Firm("Veloziped Fahrradhandel", "hh", "Handel", 9),
    Firm("Blankenburg Immobilien", "hh", "Immobilien", 8),
    Firm("Druckhaus Ottensen", "hh", "Medien", 12),
    Firm("Grünzeug Gartenbau", "hh", "Handwerk", 7),
    Firm("Musikschule Eimsbüttel e. V.", "hh", "Bildung", 14),
    Firm("Speicher 7 Eventagentur", "hh", "Medien", 9),
    Firm("Barkassen Petersen", "hh", "Tourismus", 6),
    Firm("Optik Klarsicht", "hh", "Handel", 8),
    Firm("Weinhandlung Rebstock", "hh", "Handel", 10),
    Firm("Sanitär Rohrbruch & Sohn", "hh", "Handwerk", 6),
    Firm("Zollhaus Spedition KG", "hh", "Logistik", 15),
    Firm("Apotheke Sonnenwinkel", "hh", "Gesundheit", 6),
    Firm("Bistro Elbblick", "hh", "Gastronomie", 7),
    Firm("Marzipanmanufaktur Holsten", "hl", "Handel", 9),
    Firm("Hansekontor GmbH & Co. KG", "hl", "Handel", 12),
    Firm("Traveblick Pflegedienst", "hl", "Gesundheit", 10),
    Firm("Lübecker Bootswerft", "hl", "Bau", 7),
    Firm("Förde Elektronik GmbH", "ki", "IT", 14),
    Firm("Kieler Sprottenhaus", "ki", "Gastronomie", 6),
    Firm("Küstenwind Energie eG", "ki", "Energie", 13),
    Firm("Weserbogen Architekten", "hb", "Bau", 8),
    Firm("Roland Teehandel", "hb", "Handel", 7),
    Firm("Schlachte Gasthaus", "hb", "Gastronomie", 5),
    Firm("Leinewerk Maschinenbau GmbH", "h", "Industrie", 16),
    Firm("Maschsee Reisen", "h", "Tourismus", 6),
    Firm("Spreeufer Software GmbH", "b", "IT", 18),
    Firm("Kiezkantine", "b", "Gastronomie", 5),
    Firm("Lichtspielhaus Moabit", "b", "Kultur", 6),
    Firm("Bärenstark Umzüge", "b", "Logistik", 8),
    Firm("Domblick Versicherungsmakler", "k", "Beratung", 9),
    Firm("Rheinufer Rösterei", "k", "Gastronomie", 6),
    Firm("Isartal Feinmechanik", "m", "Industrie", 12),
    Firm("Gasthof Sonnleitn", "m", "Gastronomie", 5),
    Firm("Donaukanal Design", "w", "Medien", 6),
    Firm("Limmat Treuhand AG", "zh", "Beratung", 6),
    Firm("Suomen Satamapalvelu Oy", "hel", "Logistik", 16),
    Firm("Kahvila Aurinko Oy", "hel", "Gastronomie", 8),
    Firm("Pohjantähti Ohjelmistot Oy", "hel", "IT", 15),
    Firm("Merikontti Oy Ab", "hel", "Logistik", 9),
    Firm("Koivu & Kivi Oy", "tam", "Bau", 8),
    Firm("Tampereen Kirjapaino Oy", "tam", "Medien", 6),
    Firm("Järvimatkat Oy", "tam", "Tourismus", 5),
    Firm("Aurajoen Herkku Oy", "tur", "Gastronomie", 6),
    Firm("Turun Telakkatekniikka Oy", "tur", "Industrie", 9),
    Firm("Ingenieurbüro für Hafentechnik, Wasserbau und Küstenschutz Petersen-Brockdorff mbH", "hh", "Bau", 4),
)

GERMAN_WOMEN: Final = (
    *("Anna", "Birgit", "Claudia", "Dörte", "Elke", "Frauke", "Gesa", "Hanna", "Ilse", "Jana", "Karin", "Lena"),
    *("Maike", "Nele", "Petra", "Renate", "Silke", "Tanja", "Ulrike", "Vera", "Wiebke", "Yvonne", "Sabine", "Käthe"),
)
GERMAN_MEN: Final = (
    *("Arne", "Bernd", "Carsten", "Detlef", "Erik", "Frank", "Günter", "Holger", "Ingo", "Jörg", "Klaus", "Lars"),
    *("Malte", "Niklas", "Ole", "Peter", "Rainer", "Sönke", "Thomas", "Uwe", "Volker", "Wolfgang", "Jürgen", "Björn"),
)
GERMAN_LAST: Final = (
    *("Ahrens", "Behrens", "Claußen", "Dierks", "Ehlers", "Freese", "Groß", "Hinrichs", "Iversen", "Jürgensen"),
    *("Kröger", "Lührs", "Möller", "Nissen", "Oltmanns", "Paulsen", "Quast", "Rüter", "Schäfer", "Thießen"),
    *("Ullrich", "Voß", "Wulf", "Zander", "Brandt", "Hansen", "Köhler", "Lorenzen", "Matthiesen", "Petersen"),
    *("Sievers", "Timm", "Böttcher", "Carstens", "Detjen", "Feddersen", "Harms", "Kühl", "Meyer", "Schröder"),
)
FINNISH_WOMEN: Final = ("Aino", "Eeva", "Helmi", "Kaisa", "Liisa", "Päivi", "Sanna", "Tuuli", "Outi", "Ilona")
FINNISH_MEN: Final = ("Antti", "Eero", "Heikki", "Jussi", "Mika", "Pekka", "Sakari", "Timo", "Väinö", "Yrjö")
FINNISH_LAST: Final = (
    *("Korhonen", "Virtanen", "Mäkinen", "Nieminen", "Hämäläinen", "Laine", "Heikkinen", "Järvinen", "Ylönen"),
    *("Lehtonen", "Saarinen", "Niemelä", "Koskinen", "Kettunen", "Åkerlund", "Lindström"),
)

# salutation, first name, last name, firm: people whose names an SMS, a page and a comparison must get right.
PEOPLE: Final = (
    ("ms", "Anna", "Alt", "Alt & Söhne OHG"),
    ("mr", "Bernd", "Busch", "Busch KG"),
    ("", "Zoë", "Çelik", "Hafenbau AG"),
    ("ms", "Maximiliane-Friederike", "von der Hallighafen-Oldenswort zu Brunsbüttelmoor", "Hafenbau AG"),
    ("mr", "Karl-Heinrich Ferdinand", "Schmidt-Wolkenstein-Achterndiek", "Elbkontor Handelsgesellschaft mbH"),
    ("ms", "Łucja", "Wiśniewska", "Tidenhub Logistik GmbH"),
    ("mr", "Đorđe", "Marković", "Hotel Zum Anker"),
    ("ms", "Thùy", "Nguyễn", "Bistro Elbblick"),
    ("mr", "Αλέξανδρος", "Παπαδόπουλος", "Bäckerei Krümel & Co."),
    ("ms", "Олена", "Шевченко", "Spreeufer Software GmbH"),
    ("mr", "İbrahim", "Yılmaz", "Fischmarkt Feinkost e. K."),
    ("", "Noé", "D'Aubigné", "Nordlicht Verlag"),
    ("ms", "Gül", "Öztürk", "Praxis am Stadtpark"),
    ("mr", "Seán", "O'Brien", "Nordlicht Verlag"),
    ("ms", "Chloë", "Müller-Lüdenscheidt", "Möwe & Partner Steuerberatung"),
    ("mr", "Bo", "Ek", "Merikontti Oy Ab"),
)

GERMAN_JOBS: Final = (
    *("Geschäftsführung", "Einkauf", "Vertrieb", "Buchhaltung", "Assistenz", "Marketing", "Werkstattleitung"),
    *("Projektleitung", "Lager", "Kundendienst", "Personal", "Auszubildende/r", "Empfang", "Technik"),
)
FINNISH_JOBS: Final = ("Toimitusjohtaja", "Myynti", "Osto", "Talous", "Markkinointi", "Projektipäällikkö", "Varasto")
CONSENT_SOURCES: Final = ("Messe Hamburg", "Kontaktformular", "Telefonat", "Vertrag", "Visitenkarte")
LABELS: Final = ("VIP", "Stammkunde", "Messe 2026", "Newsletter", "Lieferant", "Presse")
