"""Numbers that belong to one person: receipts, cards, accounts, papers, telephones, plates. In every language."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import cache

import phonenumbers
from stdnum import iban, luhn, verhoeff
from stdnum.es import dni, nie

from storyhub.text.identifying.reading import Reading
from storyhub.text.identifying.spans import Span

__all__ = ["find"]

RECEIPT_DIGITS = 20

# Groups of digits with what people write between them. Bounded, so that each place is read once.
CHAIN = re.compile(
    r"(?<![\w@#$€£.])(?:\+ ?|\((?=\+?\d))?\(?\+?\d(?:[ ().\-/\u00b7]{0,3}\d){4,47}(?: ?(?:x|ext\.?) ?\d{1,6})?(?![\w%€£])"
)
GROUP = re.compile(r"\d+")
# The lengths that card issuers use, by how a number begins (ISO/IEC 7812).
CARD = re.compile(r"4\d{12}(?:\d{3}){0,2}|5[0-8]\d{14}|2[2-7]\d{14}|3[47]\d{13}|3[068]\d{12}|6\d{15,18}|35\d{14}")
IBAN = re.compile(r"\b[a-z]{2}\d{2}(?: ?[a-z\d]{4}){2,7}(?: ?[a-z\d]{1,3})?\b")
MONEY_BEFORE = re.compile(r"(?:[$€£¥₹₦]|\b(?:rs|usd|eur|ksh|naira|php|inr)\.?) ?\Z")
MONEY_AFTER = re.compile(
    r" ?(?:[$€£¥₹₦%]|(?:euros?|dollars?|dolares|pesos|reais|rupees|naira|shillings|pounds|francs|dirhams?|dinars?|"
    r"usd|eur|cfa|fcfa|mil|million|millones|milhoes|جنيه|دينار|ريال|درهم|ليره|دولار)\b)"
)
CALLS = re.compile(
    r"\b(?:phone|call(?:ed|s|ing)?|cell|mobile|number|whats ?app|wsp|zap|text(?:ed|ing)?|sms|tel|telefono|telephone|"
    r"celular|movil|cel|numero|num|portable|appel\w*|llam\w*|lig\w{2,5}|telefone|telemovel|fone|contact\w*|"
    r"simu|nambari|telefon\w*|nummer|handy|numara\w*|cep|contacto|contato|signal|telegram|viber)\b"
    r"|(?:رقم|هاتف|جوال|موبايل|تلفون|واتس|اتصل|محمول|موبيل|نمبر|नंबर|फोन|फ़ोन|मोबाइल)"
)
PAPERS = re.compile(
    r"\b(?:passport|passeport|pasaporte|passaporte|identity|identi\w{2,6}|ssn|social security|national|aadha?ar|nhs|nino|"
    r"national insurance|licen[cs]e|permis|dni|nie|nif|nuip|rut|curp|rfc|cedula|cpf|cni|carte|dossier|titre|cin|matricule|"
    r"securite sociale|nin|bvn|philsys|kimlik\w*|ausweis\w*|steuer\w*|reisepass|kitambulisho|cuil|cuit|seguridad social|nss|"
    r"utente|cartao de cidadao|documento|expediente|tfn|medicare|casier)\b"
    r"|(?:جواز|هويه|الهويه|بطاقه|بطاقت|هويت|القومي|الوطني|رقم وطني|رقم قومي|اقامه|आधार|पासपोर्ट)"
)
# Short words that are something else too: the number has to follow at once.
PAPERS_SHORT = re.compile(
    r"\b(?:id|pan|cc|rg|bi|ine|tc|badge|pass)(?: ?(?:no|number|nr|num|numero|card|n|is|es|e|est|:|#|\.|°|º)){0,3} ?"
)
PAPER = re.compile(r"\b(?=[a-z\d./-]{0,14}\d{3})(?:[a-z]{1,3}[ -]?)?\d[\d.\- ]{3,16}\d?[a-z]?\d?\b|"
                   r"\b(?=[a-z\d]{0,12}\d)[a-z\d]{8,18}\b")  # fmt: skip
NOT_OF_IT = re.compile(r"(?:[ .-]+| [a-z])\Z")  # the beginning of the next word
SSN = re.compile(r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])")
CPF = re.compile(r"(?<![\w.])\d{3}\.\d{3}\.\d{3}-\d{2}(?!\w)")
RUT = re.compile(r"(?<![\w.])\d{1,2}\.\d{3}\.\d{3}-[\dk](?!\w)")
DNI = re.compile(r"(?<!\w)(?:\d{8}|[xyz]\d{7})[ -]?[a-z](?!\w)")
CURP = re.compile(r"(?<!\w)[a-z]{4}\d{6}[hm][a-z]{5}[a-z\d]\d(?!\w)")
PAN = re.compile(r"(?<!\w)[a-z]{5}\d{4}[a-z](?!\w)")
NINO = re.compile(r"(?<!\w)[a-z]{2} ?\d{2} ?\d{2} ?\d{2} ?[a-d](?!\w)")
# The day of birth stands in it.
EGYPTIAN = re.compile(r"(?<!\d)[23]\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{7}(?!\d)")
NIR = re.compile(r"(?<!\w)[12] ?\d{2} ?[01]\d ?\d[\dab] ?\d{3} ?\d{3}(?: ?\d{2})?(?!\w)")

PLATES = re.compile(
    r"(?<![\w-])(?:"
    r"[a-z]{2}[ -]?\d{1,2}[a-z]?[ -]?[a-z]{1,3}[ -]?\d{4}"  # India: the longest first
    r"|[a-z]{2}[ -]?\d{3}[ -]?[a-z]{2}"  # France, Italy
    r"|[a-z]{2}\d{2} ?[a-z]{3}"  # United Kingdom
    r"|[a-z]{3}[ -]?\d[a-z\d]\d{2}"  # Brazil, Argentina, Australia
    r"|\d{4}[ -]?[b-df-hj-np-tv-z]{3}"  # Spain
    r"|[a-z]{3}-\d{2}-\d{2}"  # Mexico
    r"|[a-z]{3}[ -]\d{2,4}[ -]?[a-z]{0,2}"  # Mexico, Nigeria, Kenya, the Philippines
    r"|[a-z]{2}[ -]\d{2}[ -][a-z]{2}|\d{2}[ -][a-z]{2}[ -]\d{2}|\d{2}[ -]\d{2}[ -][a-z]{2}"  # Portugal
    r"|\d[a-z]{3} ?\d{3}"  # California
    r"|[a-z]{1,3}[ -][a-z]{1,2} ?\d{2,4}"  # Germany
    r"|\d{2} ?[a-z]{1,3} ?\d{2,4}"  # Türkiye
    r")(?![\w-])"
)
CAR = re.compile(
    r"\b(?:plate|plates|reg|registration|number plate|licen[cs]e|rego|car|van|taxi|cab|uber|truck|motorbike|bike|auto|rickshaw|"
    r"placas?|matricula\w*|patente|coche|carro|camioneta|moto|taxi|immatricul\w+|plaque|voiture|camion\w*|vehicul\w*|veiculo|"
    r"plaka\w*|kennzeichen|wagen|gari|prius|matatu|driver|chauffeur|conduct\w+|motorista)\b|(?:لوحه|لوحت|لوحات|سياره|سيارت|السياره|تاكسي|ميكروباص|نمره|नंबर|गाड़ी)"
)  # fmt: skip
UK_PLATE = re.compile(r"[a-z]{2}\d{2} ?[a-z]{3}")
NO_PLATE = re.compile(
    r"(?:bus|car|van|los|las|por|que|des|les|was|had|his|her|has|and|con|una|rs|usd|eur|the|for|and|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|nsw|vic|qld|act|tas|day|old|age|at|by|in|on|of|"
    r"to|is|it|he|we|me|my)\b"
)
PLATE_SAID = re.compile(r"\b(?:plates?|rego|reg|placas?|matricula|patente|plaque|immatricul\w+|plaka\w*|kennzeichen)\b")
CAR_CODE = re.compile(
    r"(?<![\w-])(?:(?=[a-z]*\d)[a-z\d]{1,4}(?:-[a-z\d]{1,4}){1,3}|[a-z]{1,3} ?\d{1,4}(?: ?[a-z]{1,3}(?!\w))?)(?![\w-])"
)
ARABIC_PLATE = re.compile(
    r"(?<!\w)(?:[\u0621-\u064a] ?[-/]? ?){1,4}\d{2,5}(?!\w)|(?<!\w)\d{2,5} ?[-/]? ?(?:[\u0621-\u064a] ){0,3}[\u0621-\u064a](?!\w)|(?<!\w)\d{1,6}(?: ?[-|/] ?(?:[\u0621-\u064a]|\d{1,5})){1,2}(?!\w)"
)

REGIONS = {
    "en": ("US", "GB", "IN", "NG", "KE", "AU", "PH", "ZA"), "es": ("ES", "MX", "CO", "AR", "CL", "PE"), "fr": ("FR", "BE", "SN", "CI", "MA", "CA"),
    "pt": ("BR", "PT", "AO", "MZ"), "ar": ("EG", "SA", "MA", "IQ", "JO", "DZ", "TN", "LB", "SY"), "hi": ("IN",), "tr": ("TR",),
    "sw": ("KE", "TZ"), "de": ("DE", "AT"), "ru": ("RU",), "it": ("IT",), "id": ("ID",), "ur": ("PK",), "bn": ("BD",),
}  # fmt: skip
FEWEST_TELEPHONE, MOST_TELEPHONE = 7, 15
DATE_FIRST = re.compile(
    r"\(?(?:\d{1,2}([./-])\d{1,2}\1(?:(?:19|20)\d{2}|\d{2})|(?:19|20)\d{2}([./-])\d{1,2}\2\d{1,2})(?!\d|[./-]\d)"
)
POSTCODE = re.compile(r"\d{5}-\d{3}|\d{4}-\d{3}")  # of Brazil and Portugal
DATE_LIKE = re.compile(r"\(?(?:\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}[./-]\d{1,2}[./-]\d{1,2})\)?\Z")
YEARS = re.compile(r"(?:19|20)\d\d(?: ?[-/] ?(?:19|20)?\d\d)\Z")


def find(reading: Reading, language: str | None) -> Iterator[Span]:
    """Numbers that point to one person."""
    text = reading.plain
    yield from _chains(text, language)
    for match in IBAN.finditer(text):
        yield from _iban(match)
    yield from _papers(text)
    yield from _plates(reading)


def _iban(match: re.Match[str]) -> Iterator[Span]:
    """The account number, without the words that may have been taken for its last groups."""
    written = match[0]
    while len(written) >= 15:
        if iban.is_valid(written, check_country=False):
            yield Span(match.start(), match.start() + len(written), "card", "check digits")
            return
        written = written.rpartition(" ")[0]


def _chains(text: str, language: str | None) -> Iterator[Span]:
    for chain in CHAIN.finditer(text):
        groups = [(chain.start() + group.start(), chain.start() + group.end()) for group in GROUP.finditer(chain[0])]
        special = _run(text, groups, _is_receipt, "receipt") or _run(text, groups, _is_card, "card")
        if special:
            yield special
        elif _is_telephone(text, chain, language):
            start = chain.start()
            end = chain.end()
            if "(" in chain[0] and ")" not in chain[0] and text[start] == "(":
                start += 1
            yield Span(start, end, "phone", "shape")


def _run(text: str, groups: list[tuple[int, int]], is_one: Callable[[str, int], bool], kind: str) -> Span | None:
    """Neighbouring groups that together are such a number."""
    for first in range(len(groups)):
        digits = ""
        for last in range(first, len(groups)):
            digits += text[groups[last][0] : groups[last][1]]
            if len(digits) > RECEIPT_DIGITS:
                break
            if is_one(digits, last - first + 1):
                return Span(groups[first][0], groups[last][1], kind, "check digits")
    return None


def _is_receipt(digits: str, _groups: int) -> bool:
    return len(digits) == RECEIPT_DIGITS and int(digits) % 97 == 1


def _is_card(digits: str, groups: int) -> bool:
    return groups in {1, 3, 4, 5} and CARD.fullmatch(digits) is not None and bool(luhn.is_valid(digits))


def _is_telephone(text: str, chain: re.Match[str], language: str | None) -> bool:
    written = chain[0]
    if POSTCODE.fullmatch(written) or ("/" in written and written[0] not in "0+("):
        return False
    digits = re.sub(r"\D", "", re.split("x|ext", written)[0])
    if not FEWEST_TELEPHONE <= len(digits) <= MOST_TELEPHONE:
        return False
    if DATE_FIRST.match(written) or YEARS.match(written) or MONEY_AFTER.match(text, chain.end()):
        return False
    before = text[max(0, chain.start() - 60) : chain.start()]
    if MONEY_BEFORE.search(before):
        return False
    if written.startswith(("+", "(+", "00")):
        return True
    named = CALLS.search(before) is not None
    if len(digits) >= 9:
        return (
            named or written.startswith("(") or digits[0] == "0" or len(digits) >= 10 or _is_possible(digits, language)
        )
    return named or ("-" in written and _is_possible(digits, language) and len(GROUP.findall(written)) in {2, 3})


def _is_possible(digits: str, language: str | None) -> bool:
    """Whether some country where the language is usual has telephone numbers of this shape."""
    return any(_is_number_in(digits, region) for region in REGIONS.get(language or "", ("US", "GB")))


def _is_number_in(digits: str, region: str) -> bool:
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(digits, region))
    except phonenumbers.NumberParseException:
        return False


def _papers(text: str) -> Iterator[Span]:
    for pattern, is_one in _shapes():
        for match in pattern.finditer(text):
            if is_one(match[0]):
                yield Span(match.start(), match.end(), "idnumber", "check digits")
    for short in PAPERS_SHORT.finditer(text):
        paper = PAPER.match(text, short.end())
        if paper and sum(map(str.isdigit, paper[0])) >= 5:
            yield Span(paper.start(), paper.start() + len(NOT_OF_IT.sub("", paper[0])), "idnumber", "said to be one")
    for cue in PAPERS.finditer(text):
        # A number in the few words after "passport", "DNI", "national insurance".
        paper = PAPER.search(text, cue.end(), cue.end() + 45)
        if paper and sum(map(str.isdigit, paper[0])) >= 5 and "\n" not in text[cue.end() : paper.start()]:
            found = NOT_OF_IT.sub("", paper[0])
            if not (
                DATE_LIKE.match(found) or YEARS.match(found) or MONEY_AFTER.match(text, paper.start() + len(found))
            ):
                yield Span(paper.start(), paper.start() + len(found), "idnumber", "said to be one")


@cache
def _shapes() -> tuple[tuple[re.Pattern[str], Callable[[str], bool]], ...]:
    def always(_written: str) -> bool:
        return True

    def is_dni(written: str) -> bool:
        return dni.is_valid(written) or nie.is_valid(written)

    return ((SSN, always), (CPF, always), (NINO, always), (EGYPTIAN, always), (RUT, always), (DNI, is_dni), (CURP, always), (PAN, always),
            (NIR, always), (re.compile(r"(?<![\d-])\d{4} \d{4} \d{4}(?![\d ]\d)"), _is_aadhaar))  # fmt: skip


def _is_aadhaar(written: str) -> bool:
    digits = written.replace(" ", "")
    return digits[0] not in "01" and verhoeff.is_valid(digits)


def _plates(reading: Reading) -> Iterator[Span]:
    text, kept = reading.plain, reading.kept
    cues = [cue.end() for cue in CAR.finditer(text)]
    said = [cue.end() for cue in PLATE_SAID.finditer(text)]
    for match in PLATES.finditer(text):
        letters = [kept[place] for place in range(match.start(), match.end()) if text[place].isalpha()]
        last = bisect_right(cues, match.start())
        near = last > 0 and match.start() - cues[last - 1] <= 60
        if near and not all(map(str.isupper, letters)):  # "the bus was 40 minutes late" is no plate
            near = len(letters) > 1 and sum(map(str.isdigit, match[0])) > 2
        named = bisect_right(said, match.start())
        near = near or (named > 0 and match.start() - said[named - 1] <= 60)
        upper = all(map(str.isupper, letters))
        if not upper and reading.has_capitals:
            continue
        digits = sum(map(str.isdigit, match[0]))
        shaped = upper and not reading.is_shouted and (digits >= 3 or UK_PLATE.fullmatch(match[0]) is not None)
        if (near or shaped) and not NO_PLATE.match(match[0]):
            yield Span(match.start(), match.end(), "plate", "shape")
    for end in said:
        code = CAR_CODE.search(text, end, end + 60)
        if code and sum(map(str.isdigit, code[0])) >= 2 and "." not in text[end : code.start()]:
            yield Span(code.start(), code.end(), "plate", "said to be one")
    for cue in cues:
        found = ARABIC_PLATE.search(text, cue, cue + 40) if "\u0600" <= text[cue - 1] <= "\u06ff" else None
        if found:
            yield Span(found.start(), found.end(), "plate", "said to be one")
