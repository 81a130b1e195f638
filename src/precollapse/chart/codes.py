"""Finds what a code of a terminology means: which concept, side and choice, or which corticosteroid.

Codes come from the knowledge only. Built once per knowledge; every later look-up is one dictionary access.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from precollapse.chart.compiled import once_per_knowledge
from precollapse.chart.model import Side
from precollapse.knowledge.bundle import Knowledge
from precollapse.knowledge.model import Code

REMEMBERED_CODES = 50_000  # per terminology; a record of garbage codes must not fill the memory


@dataclass(frozen=True, slots=True)
class Hit:
    """One meaning of a code. ``concept`` holds the id of an ingredient when ``corticosteroid`` is true."""

    concept: str
    side: Side | None = None
    choice: str | None = None
    absent: bool = False
    corticosteroid: bool = False


Hits = tuple[Hit, ...]

_SYSTEMS = {
    "icd10cm": ("http://hl7.org/fhir/sid/icd-10-cm", "2.16.840.1.113883.6.90", "icd10cm", "icd-10-cm"),
    "icd10": (
        "http://hl7.org/fhir/sid/icd-10", "http://hl7.org/fhir/sid/icd-10-gm",
        "http://fhir.de/codesystem/bfarm/icd-10-gm", "http://id.who.int/icd/release/10",
        "2.16.840.1.113883.6.3", "1.2.276.0.76.5.409", "icd10", "icd-10", "icd10gm", "icd10cn",
    ),
    "icd9cm": (
        "http://hl7.org/fhir/sid/icd-9-cm", "http://hl7.org/fhir/sid/icd-9-cm/diagnosis",
        "http://terminology.hl7.org/codesystem/icd9cm", "2.16.840.1.113883.6.103", "icd9cm", "icd-9-cm",
    ),
    "snomed": ("http://snomed.info/sct", "2.16.840.1.113883.6.96", "snomed", "snomedct", "snomed-ct", "sct"),
    "loinc": ("http://loinc.org", "2.16.840.1.113883.6.1", "loinc"),
    "rxnorm": (
        "http://www.nlm.nih.gov/research/umls/rxnorm", "2.16.840.1.113883.6.88", "rxnorm", "rxnorm extension",
    ),
    "atc": (
        "http://www.whocc.no/atc", "http://fhir.de/codesystem/bfarm/atc", "2.16.840.1.113883.6.73", "atc",
    ),
    "cvx": ("http://hl7.org/fhir/sid/cvx", "2.16.840.1.113883.12.292", "cvx"),
    "ucum": ("http://unitsofmeasure.org", "2.16.840.1.113883.6.8", "ucum"),
    "answer": ("answer",),
}  # fmt: skip
_SHORT_NAMES = {uri.lower(): name for name, uris in _SYSTEMS.items() for uri in uris}

# A record that says only "ICD-10" may mean either edition; what one does not know is sought in the other.
_SISTERS = {"icd10": "icd10cm", "icd10cm": "icd10", "loinc": "answer"}
_DOTTED = {"icd10", "icd10cm", "icd9cm"}


def system_of(uri_or_vocabulary_id: str | None) -> str | None:
    """Return our short name of a terminology, from a FHIR uri, an OID or an OMOP vocabulary id.

    Returns
    -------
    str or None
        None for a terminology of which the knowledge holds no codes.
    """
    if not uri_or_vocabulary_id or len(uri_or_vocabulary_id) > 200:
        return None
    return _SHORT_NAMES.get(_plain_uri(uri_or_vocabulary_id))


def _plain_uri(text: str) -> str:
    plain = text.strip().lower().removeprefix("urn:oid:").split("|", 1)[0].rstrip("/")
    if plain.startswith("https://"):
        plain = "http://" + plain[8:]
    if plain.startswith("http://snomed.info/sct/"):  # national editions and versions name themselves here
        return "http://snomed.info/sct"
    return plain.replace("http://www.snomed.info", "http://snomed.info")


def plain_code(system: str, code: str) -> str:
    """Return a code as it is compared: without blanks, and for ICD upper case without dots."""
    if system in _DOTTED:
        return code.strip().upper().replace(".", "")
    return code.strip().upper() if system == "atc" else code.strip()


class CodeTable(dict[str, Hits]):
    """All codes of one terminology; what it does not hold is sought by prefix once and then kept."""

    def __init__(self, system: str) -> None:
        super().__init__()
        self.system = system
        self.exact: dict[str, Hits] = {}
        self.prefixes: dict[str, Hits] = {}
        self.lengths: tuple[int, ...] = ()
        self.sister: CodeTable | None = None

    def add(self, code: Code, hit: Hit) -> None:
        """Take one code of the knowledge into the table."""
        plain = plain_code(self.system, code.code)
        self.exact[plain] = _joined(self.exact.get(plain, ()), hit)
        if code.children:
            self.prefixes[plain] = _joined(self.prefixes.get(plain, ()), hit)
            self.lengths = tuple(sorted({*self.lengths, len(plain)}, reverse=True))

    def own(self, plain: str) -> Hits:
        """Look the code up here only: exact, or else by its longest known prefix.

        A substance is of every class that its ATC code lies in; there, all of them count.
        """
        hits = self.exact.get(plain)
        if hits is not None and self.system != "atc":
            return hits
        found = hits or ()
        for length in self.lengths:
            if length < len(plain):
                hits = self.prefixes.get(plain[:length])
                if hits is not None and self.system != "atc":
                    return hits
                for hit in hits or ():
                    found = _joined(found, hit)
        return found

    def __missing__(self, code: str) -> Hits:
        plain = plain_code(self.system, code)
        hits = self.own(plain)
        if not hits and self.sister is not None:
            hits = self.sister.own(plain)
        if len(self) < REMEMBERED_CODES and len(code) < 100:
            self[code] = hits
        return hits


class CodeIndex:
    """Every code of the knowledge, ready to be looked up."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.tables: dict[str, CodeTable] = {name: CodeTable(name) for name in _SYSTEMS}
        for name, sister in _SISTERS.items():
            self.tables[name].sister = self.tables[sister]
        for concept in knowledge.concepts.values():
            self._add_all(concept.id, concept.codes, corticosteroid=False)
        for ingredient in knowledge.corticosteroids.values():
            self._add_all(ingredient.id, ingredient.codes, corticosteroid=True)
        self._by_uri: dict[str, CodeTable | None] = {}

    def _add_all(self, name: str, codes: Iterable[Code], *, corticosteroid: bool) -> None:
        for code in codes:
            hit = Hit(name, code.side, code.choice, code.absent, corticosteroid)
            self.tables[code.system].add(code, hit)

    @staticmethod
    def of(knowledge: Knowledge) -> CodeIndex:
        """Return the index of this knowledge, built once."""
        return _index(knowledge)

    def find(self, system: str, code: str) -> Hits:
        """Return every meaning of a code; ``system`` is our short name of the terminology."""
        table = self.tables.get(system)
        return () if table is None else table[code]

    def table_of(self, uri: str | None) -> CodeTable | None:
        """Return the codes of the terminology that a record names by its own uri."""
        if uri is None:
            return None
        try:
            return self._by_uri[uri]
        except KeyError:
            name = system_of(uri)
            table = None if name is None else self.tables[name]
            if len(self._by_uri) < REMEMBERED_CODES:
                self._by_uri[uri] = table
            return table


@once_per_knowledge
def _index(knowledge: Knowledge) -> CodeIndex:
    return CodeIndex(knowledge)


def _joined(hits: Hits, hit: Hit) -> Hits:
    return hits if hit in hits else (*hits, hit)
