"""Postal addresses and codes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from storyhub.text.identifying.reading import Reading
from storyhub.text.identifying.spans import Span

__all__ = ["find"]

W = r"[^\W\d_][\w'.-]{0,30}"
EN_STREET = (
    "street|st|road|rd|avenue|ave|lane|ln|drive|dr|close|crescent|court|way|place|square|terrace|boulevard|blvd|parade|"
    "highway|row|gardens|grove|hill|estate|nagar|marg|chowk|colony|cross|main|layout|sector|enclave|circuit|parkway|walk|mews|rise|circle|brae|wynd|croft|view"
)
HEADS = (
    r"calle|avenida|av|avda|carrera|cra|kra|pasaje|jiron|jr|camino|plaza|paseo|carretera|callejon|diagonal|transversal|ronda|c/|"
    r"rue|avenue|boulevard|bd|bld|chemin|impasse|allee|allees|place|quai|route|cours|square|passage|residence|"
    r"rua|r\.|travessa|praca|alameda|rodovia|estrada|largo|beco|viela|av\.|avda\.|"
    r"via|viale|strasse|str|jalan|jl"
)
FLAT = r"(?:(?:flat|apt|apartment|unit|suite|room|house|plot|block|blk|lot|apto|depto|dpto|piso|appt|appartement|bat|batiment|bloco|bl|casa|mz|manzana|villa|no|h\.no|door no)\b\.? ?#?[\w/-]{1,6},? )"
UNIT_AFTER = r"(?:,? (?:flat|apt|apto|apt\.|apto\.|apartment|unit|suite|depto|dpto|piso|appt|bloco|bl|casa|bat|esc|escalera|puerta|pta|int|interior|lote|quadra|andar|planta|bajo|etage|cave|\d{1,2}\.?[ºªo°]{1,2})\.?(?: ?[\w-]{1,10}\b)?(?: (?:izquierda|derecha|izq|dcha|dto|esq|direito|esquerdo|etage)\b)?){0,3}"
PATTERNS = (
    # Unit 5/112 Jacaranda Avenue
    rf"\b(?:unit|flat|apartment|apt|house|shop|villa) \d{{1,4}}[a-d]?/\d{{1,5}} (?:{W} ){{1,4}}?(?:{EN_STREET})\b",
    # 28 Marlowe Road; Flat 3, 28 Marlowe Road; 12/4 MG Road
    rf"(?<![\w.,]){FLAT}?\d{{1,5}}(?:[a-d]\b|[/-]\d{{1,4}})?,? (?:{W} ){{1,4}}?(?:{EN_STREET})\b(?! of us)(?!')(?:,? (?:flat|apt|apartment|unit|suite) ?#?\w{{1,5}}\b)?",
    # 8 rue des Tanneurs
    rf"(?<![\w.,]){FLAT}?\d{{1,5}}(?: ?(?:bis|ter))?,? (?:{HEADS})\b\.? (?:{W}[ ]?){{1,5}}",
    # calle del Olmo, 17, 2.º izquierda; Rua das Acácias, 245, apto 12
    rf"(?<!\w)(?:{HEADS})\b\.? (?:(?:{W}|\d{{1,3}}) ){{0,4}}(?:{W}|\d{{1,3}}),? ?(?:n[ºo°.]{{0,2}} ?|numero |num\.? ?|# ?|nro\.? ?)?\d{{1,5}}(?:[a-d]\b|-\d{{1,4}})?(?! (?:de|hombres|minutos|veces|anos|dias|horas|a las))\b{UNIT_AFTER}",
    rf"(?<!\w)(?:rua|calle|avenida|rue|av\.|travessa|pasaje|quadra|jiron)\b (?:{W} ){{0,4}}{W},? (?:casa|lote|numero|num|no|bloco|apto|km) \d{{1,5}}\b",
    r"\bp\.? ?o\.? box \d{1,6}\b",
    r"(?<!\w)(?:شارع|ش|حاره|زقاق|زنقه|نهج|حي) (?:[\u0621-\u064a]+ ){0,4}[\u0621-\u064a]+،?,? (?:رقم |عماره |بنايه |عقار |بيت |منزل |مبني |عدد )?(?:رقم )?\d{1,4}(?:،? (?:شقه|الدور|الطابق|طابق|دور|عماره)(?: رقم)? \w{1,8})*",
    r"(?<!\w)(?:عماره|بنايه|عقار|مبني|بيت|منزل|فيلا|بلوك)(?: رقم)? \d{1,4}،? (?:شقه(?: رقم)? \d{1,4}،? )?(?:شارع|ش|حي|زنقه) (?:[\u0621-\u064a]+ ?){1,3}(?:،? شقه(?: رقم)? \d{1,4})?",
    r"(?<!\w)\d{1,4} (?:شارع|زنقه|نهج|حاره|ش) [\u0621-\u064a]+(?: [\u0621-\u064a]+)?(?:،? (?:الدور|الطابق|طابق|دور|شقه|عماره)(?: رقم)? \w{1,8}){0,3}",
    r"(?<!\w)(?:شارع|حاره|زنقه|حي|قطعه|بلوك|مربع|مجمع|طريق) (?:رقم )?\d{1,4}،? (?:مبني|منزل|بيت|عماره|بنايه|دار|فيلا|شقه|قطعه|شارع|طريق)(?: رقم)? \d{1,4}(?:،? (?:شقه|الدور|الطابق|بيت|منزل)(?: رقم)? \w{1,8}){0,2}",
    # Germany, Türkiye: Lindenstraße 12; Gül Sokak No 4
    r"\b[a-z]{3,20}(?:strase|strasse|strass|straße|weg|allee|gasse|platz|strase) \d{1,4}[a-d]?\b",
)
HEAD_FIRST = 2  # of these, the one that cannot tell where a street's name ends
TURKISH = re.compile(
    rf"(?:{W} ){{1,3}}(?:sokak|sokagi|sok\.|caddesi|cad\.|mahallesi),?(?: no)?[:.]? ?\d{{1,4}}(?:/\d{{1,3}})?"
)
CODES = (
    r"\b[a-z]{1,2}\d[a-z\d]? ?\d[abd-hjlnp-uw-z]{2}\b",  # United Kingdom
    r"\b[a-ceghj-nprstvxy]\d[a-ceghj-nprstv-z] ?\d[a-ceghj-nprstv-z]\d\b",  # Canada
    r"\b(?:nsw|vic|qld|act|tas) \d{4}\b",  # Australia
    r"(?<![\d-])\d{5}-\d{3}(?![\d-])",  # Brazil
    r"(?<![\d-])[1-9]\d{3}-\d{3}(?![\d-])",  # Portugal
    r"\b(?:zip|zipcode|zip code|pin|pincode|pin code|post ?code|postal code|codigo postal|c\.?p\.?|code postal|cep|plz|الرمز البريدي|رمز بريدي)(?: is| es| est| e)?:? ?#?(\d{3} ?\d{2,3}|\d{4,6})\b",
)
US_STATE = (
    "al|ak|az|ar|ca|co|ct|de|fl|ga|hi|id|il|in|ia|ks|ky|la|me|md|ma|mi|mn|ms|mo|mt|ne|nv|nh|nj|nm|ny|nc|nd|oh|ok|or|pa|"
    "ri|sc|sd|tn|tx|ut|vt|va|wa|wv|wi|wy|dc"
)
STATE_CODE = re.compile(rf"\b(?:{US_STATE}),? \d{{5}}(?:-\d{{4}})?\b")
FIVE_BEFORE_TOWN = re.compile(r"(?<![\w.,:#$€£-])(?:[a-z]-)?(\d{5})(?= [a-z])")
SIX_AFTER_TOWN = re.compile(
    r"(?<=[a-z])(?: ?[-,] ?| )([1-9]\d{2} ?\d{3})(?![\d,.:%]|\s?(?:rupees|people|dollars|euros|pesos|fois|veces))"
)


def find(reading: Reading) -> Iterator[Span]:
    """Where somebody can be found by post, in every language."""
    text, kept = reading.plain, reading.kept
    if not any(map(str.isdigit, text)):
        return
    for pattern in _compiled():
        for match in pattern.finditer(text):
            end = _end(kept, match, reading.has_capitals)
            if not _is_named(reading, match.start(), end):
                continue
            yield Span(match.start(), end, "address", "street and number")
    if " sok" in text or " cad" in text or " mah" in text:  # it begins with any word at all, so it is dear
        for match in TURKISH.finditer(text):
            yield Span(match.start(), match.end(), "address", "street and number")
    for match in _codes().finditer(text):
        last = match.lastindex
        start, end = (match.start(last), match.end(last)) if last else (match.start(), match.end())
        yield Span(start, end, "address", "postcode")
    for match in STATE_CODE.finditer(text):
        if kept[match.start() : match.start() + 2].isupper() or "," in match[0]:
            yield Span(match.start(), match.end(), "address", "postcode")
    for match in FIVE_BEFORE_TOWN.finditer(text):
        if kept[match.end() + 1].isupper():
            yield Span(match.start(), match.end(), "address", "postcode")
    for match in SIX_AFTER_TOWN.finditer(text):
        word = re.compile(r"[^\W\d_]+\Z").search(kept, max(0, match.start() - 30), match.start() + 1)
        if word and word[0][0].isupper():
            yield Span(match.start(1), match.end(1), "address", "postcode")


@cache
def _compiled() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern) for pattern in PATTERNS)


@cache
def _codes() -> re.Pattern[str]:
    return re.compile("|".join(CODES))


# Words that name a street now and then, and more often do not: "3 boys came close", "it took place at 5".
WORDY = re.compile(
    r"\b(?:place|way|cross|main|close|rise|row|drive|walk|court|square|hill|view|cours|passage|route|largo|camino|via)\b"
)
NO_STREET = re.compile(
    r"\d,? (?:a|an|is|was|at|and|my|his|her|from|to|in|years?|of us|people|men|i|we|he|she|they|it|you|so|but|because|when|boys|girls|women|kids)\b"
)
SAID = re.compile(
    r"\b(?:of|from|the|is|was|on|at|around|in|my|his|her|and|took|came|it|me|he|she|they|to|que|por|mi|su|il|qui|es|era)\b"
)


def _is_named(reading: Reading, start: int, end: int) -> bool:
    """Whether this is a street's name, not just a sentence with a number in it."""
    text, kept = reading.plain[start:end], reading.kept[start:end]
    if "\u0600" <= text[-1] <= "\u06ff" or re.search("[\u0621-\u064a]", text) or "box" in text:
        return True
    if NO_STREET.search(text):
        return False
    if reading.has_capitals and not any(map(str.isupper, kept)):
        return not (WORDY.search(text) or SAID.search(text))
    if reading.has_capitals and WORDY.search(text) and re.search(r"\b(?:place|took|at)\b", text):
        head = re.search(r"\b(?:place|way)\b", text)
        return head is None or kept[head.start()].isupper() or text[0].isdigit()
    return not SAID.search(text) if not reading.has_capitals else True


LITTLE = frozenset("de des du la le les l d del los las do da dos das et y e au aux a".split())


def _end(kept: str, match: re.Match[str], has_capitals: bool) -> int:
    """Where the street's name ends when the pattern could not tell: at the first word that is not written as a name."""
    if match.re is not _compiled()[HEAD_FIRST]:
        return match.end() - (len(match[0]) - len(match[0].rstrip(" ,")))
    words = list(re.finditer(r"[^\s,]+", kept[match.start() : match.end()]))
    head = next((at for at, word in enumerate(words) if re.fullmatch(HEADS, word[0].lower().rstrip("."))), 1)
    last = head
    for at in range(head + 1, len(words)):
        word = words[at][0]
        if word.lower().split("'")[0] in LITTLE and "'" not in word:
            continue
        if has_capitals and not (word[0].isupper() or ("'" in word and word.split("'")[-1][:1].isupper())):
            break
        last = at
        if not has_capitals and word.lower() not in LITTLE:
            break
    return match.start() + words[last].end()
