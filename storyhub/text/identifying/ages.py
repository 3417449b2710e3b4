"""Ages, dates of birth, and the exact days of what happened."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cache

from storyhub.text.identifying.counting import MONTHS, NUMBER, NUMBER_WORD
from storyhub.text.identifying.reading import Reading
from storyhub.text.identifying.spans import Span

__all__ = ["find"]

# What may follow a number that is an age, where nothing before it says so for sure: not a unit of something else.
OPEN_END = {
    "en": r"(?= *(?:$|[.,;:!?)\"\n…-]| (?:when|and|but|or|so|he|she|then|now|the|at the|that|years?|yrs?|yo|y/o|in|from|because|it|with|my|"
          r"again|i|they|living|who|year|him|if|going|back|this|his|her|we|on|for the first|girl|boy|as|single|just|too|by then|already|male|female|f|m)\b))",
    "es": r"(?= *(?:$|[.,;:!?)\"\n…-]| (?:anos?|anitos|cuando|y|o|pero|el|la|ella|de edad|entonces|ahora|en|me|mi|era|para|por|porque|con|sin|tuve|fui|empece|hasta|se|lo|le|fue|a los|aunque|segun|vivo|soy|si|que|no|ya|estudio|recien|apenas)\b))",
    "fr": r"(?= *(?:ans?\b|piges\b|balais\b))",
    "pt": r"(?= *(?:$|[.,;:!?)\"\n…-]| (?:anos?|aninhos|quando|e|ou|mas|ele|ela|na|no|de idade|entao|agora|eu|minha|aos|para|por|porque|com|sem|tive|fui|ate|se|me|foi|meu|moro|sou|com um)\b))",
    "ar": r"(?= *(?:$|[.,;:!?)\"\n…،؛؟-]| (?:سنه|سنين|سنوات|عام|عاما|اعوام|و|لما|وقت|وقتها|حين|عندما|كنت|من|في|لكن|يوم)|"
          r" و))",
}  # fmt: skip
HEDGE = {
    "en": r"(?:(?:only|just|about|like|around|barely|maybe|almost|nearly|now|still|then|over|already|roughly|abt|bout|not even|turning|"
          r"currently|probably|recently|both|all) ){0,2}",
    "es": r"(?:(?:apenas|solo|como|casi|unos|ya|ahora|recien|entonces|mas o menos|por lo menos|los|mis|sus) ){0,2}",
    "fr": r"(?:(?:a peine|seulement|environ|presque|deja|que|alors|peut-etre|maintenant|tout juste|a peu pres|mes|ses|les|mon|pas encore|plus de|dans les) ){0,2}",
    "pt": r"(?:(?:apenas|so|uns|quase|ja|agora|mais ou menos|na altura|entao|os|meus|seus|a volta de) ){0,2}",
    "ar": r"(?:(?:حوالي|تقريبا|فقط|بس|يمكن|حدود|كان|كانت|الان|دلوقتي|هلا|لسا|لسه|شي|نحو|وقتها|حينها|يومها|انذاك|ما|يا دوب) ){0,2}",
}  # fmt: skip
# Before the number; it must be followed by OPEN_END unless the pattern says otherwise itself. %(n)s is the number.
PATTERNS = {
    "en": (
        r"\b(?:i|he|she|they|we|who|u)(?: ?'m| ?'s| ?'re| was| were| am| is| are|m|s| turned| wasn't even| wasnt even| will be| would be| just turned|'d just turned| had turned|'d turned| had just turned| became) %(h)s%(N)s%(o)s",
        r"\b(?:was|am|is|were|turned|turns|turning|are|im|i'm) %(h)s%(N)s%(o)s",
        r"%(N)s ?-?(?:years?|yrs?|yr|year's|ys)?[ -]?(?:olds?|yo|y/o|y\.o\.?)\b",
        r"%(N)s years? of age\b",
        r"\b(?:i am|i'm|im) (?P<n5>[1-9]\d)\b(?! ?(?:foot|feet|ft|percent|%%|/|:|\.\d|[ap]m))",
        r"(?<![\w-])%(N)s,? i was\b",
        r"\b(?:aged?|ages) (?:of )?(?:only |about |around )?%(N)s\b(?: ?(?:and|to|or|-) ?(?P<second>%(n)s))?",
        r"\b(?:when|since|from when) (?:i|he|she|they|we) (?:was|were) %(h)s%(N)s",
        r"\b(?:from|since|until|till|at) (?:the )?age (?:of )?%(N)s",
        r"\b(?:man|woman|girl|boy|guy|kid|child|person|teen|teenager|lad|lady|widow|mother|father|daughter|son|brother|sister|cousin|uncle|neighbou?r) of %(h)s%(N)s%(o)s",
        r"(?<=[a-z)]), ?%(N)s(?= ?(?:[.;,)!\"]|$| (?:from|and i|and a|years|here|f|m|single|mother|mum|mom|now|female|male)\b))",
        r"\bat (?P<n3>\d{1,2})(?=,? (?:i|he|she|my|you|we)\b|[.;])",
        r"(?<![\w.])(?P<n1>[1-9]\d) ?[/(]?[fm]\b(?![./])|(?<!\w)[fm] ?/? ?(?P<n2>[1-9]\d)(?![\w:.])",
        r"\b(?:my|his|her|the|our|their|a|an) (?:little |younger |older |elder |oldest |youngest |only |big )?(?:son|daughter|sister|brother|cousin|niece|nephew|child|kid|mother|mum|mom|boy|girl|baby|wife|husband|father|dad|boss|uncle|aunt|stepfather|stepdad|grandson|granddaughter|stepson|twins) ?[(,] ?%(N)s(?= ?[),.])",
        r"\bi'?m %(N)s (?:year|from|and|,)",
        r"\b(?:in|into) (?:my|his|her) (?P<n4>(?:early|mid|late)?[ -]?(?:teens|twenties|thirties|forties|fifties|sixties|seventies|eighties))\b",
    ),
    "es": (
        r"\b(?:tengo|tenia|tiene|tenias|teniamos|tenian|tenemos|tienen|cumpli|cumplio|cumplia|cumplir|cumplo|cumple|cumplidos|tendria|tuve|teniendo|tener|tendra) %(h)s%(N)s%(o)s",
        r"\ba los (?P<n2>[1-9]\d?)(?![\d.,:/]\d)\b",
        r"\bsoy [^.!?\d]{0,40}?(?P<n3>[1-9]\d) anos\b",
        r"\b(?:a|desde|hasta|entre|hacia) (?:los|mis|sus) %(N)s(?! (?:dias?|minutos?|meses|segundos?|semanas?|horas?|pesos|euros|metros|golpes|cuartos|hombres|chicos|demas))%(o)s",
        r"\b(?:de|con|a) %(h)s%(N)s (?:anos|anitos)\b(?! (?:de (?:casad|matrimonio|carcel|prision|servicio|relacion|experiencia)|despues|antes|mas tarde|despues|trabajando|juntos|casad))",
        r"[,(] ?(?:de )?%(N)s (?:anos|anitos)\b",
        r"%(N)s (?:anos|anitos) (?:de edad|cumplidos)\b",
        r"\bedad (?:de |es |: ?)?%(N)s",
        r"\b(?:soy|mujer|hombre|chica|chico|nena|nene|nina|nino) (?:\w+ )?de %(N)s(?! (?:de|hijos|enero))%(o)s",
        r"(?<=[a-z]), ?(?P<n1>[1-9]\d)(?= ?(?:[.;,)]|$| (?:de|y)\b))",
    ),
    "fr": (
        r"\b(?:j'en ai|j'en avais|il en a|elle en a|il en avait|elle en avait|en ai) %(h)s%(N)s(?= ?(?:[.,;!?]|$))",
        r"\b(?:mariee?|partie?|violee?|placee?|enceinte|excisee?|maman|mere) (?:de force )?a %(N)s(?= ?(?:[.,;!?\n]|$| (?:ans|et|par|avec|chez|je|on|il)\b))",
        r"\bje suis [^.!?\d]{0,40}?(?P<n2>[1-9]\d) ans\b",
        r"\b(?:j'ai|j'avais|jai|javais|j ai|j avais|ai|as|a|avais|avait|avons|avions|avez|aviez|ont|avaient|aura|aurai|ayant|eu|eus|g|j'aurai|avoir|aurait|fete|fetais|fetait|fete) %(h)s%(N)s%(o)s",
        r"\b(?:a|de|d'|des|vers|jusqu'a|depuis mes|depuis ses|depuis l'age de) ?(?:mes |ses |les )?%(N)s (?:et demi )?ans\b(?! (?:de (?:mariage|prison|vie|metier|carriere|silence|vie commune|relation|service)|plus tard|apres|avant|ensemble|qu))",
        r"\b(?:age|agee|ages) d(?:e |')%(h)s%(N)s",
        r"[,(] ?(?:moi |lui |elle )?%(N)s ans\b(?! (?:de|plus|apres|avant|ensemble|qu))",
        r"\b(?:mes|ses|nos|tes) %(N)s ans\b",
        r"\b(?:fille|garcon|fils|femme|homme|gamine?|soeur|frere|ado|bebe|enfant|collegue|mec|gars|meuf|cousin|cousine|niece|neveu) (?:de )?%(N)s ans\b",
        r"\b(?:moi|lui|elle|il|je suis) %(N)s ans\b",
        r"\ba l'age de %(N)s\b",
        r"\bj'(?:avais|ai) %(h)s%(N)s(?=[.,;!?]| et (?:lui|elle|il)\b)",
        r"(?<=[a-z]), ?(?P<n1>[1-9]\d)(?= ?(?:[.;,)]|$| (?:de|et)\b))",
    ),
    "pt": (
        r"\b(?:tenho|tinha|tem|tinhamos|tinham|temos|completei|completou|fiz|fez|fazia|tivesse|tive|teria|tendo|ter|tivemos|completava|faco|tem la|c|c/) %(h)s%(N)s%(o)s",
        r"\baos (?P<n2>[1-9]\d?)(?![\d.,:/]\d)\b",
        r"\bsou [^.!?\d]{0,40}?(?P<n3>[1-9]\d) anos\b",
        r"\b(?:aos|desde os|dos|entre os|ate aos|ate os|pelos|com os|com meus) %(N)s(?! (?:dias?|minutos?|meses|segundos?|semanas?|horas?|reais|euros|metros|por cento|poucos))%(o)s",
        r"\b(?:de|com|c|a) %(h)s%(N)s (?:anos|aninhos)\b(?! (?:de (?:casad|casamento|prisao|servico|relacao|experiencia|namoro)|depois|antes|mais tarde|juntos))",
        r"[,(] ?(?:de )?%(N)s (?:anos|aninhos)\b",
        r"%(N)s (?:anos|aninhos) de idade\b",
        r"\bidade (?:de |e |: ?)?%(N)s",
        r"\b(?:sou|mulher|homem|menina|menino|rapariga|rapaz|moca|moco|miuda|miudo) (?:\w+ )?de %(N)s(?! de)%(o)s",
        r"(?<=[a-z]), ?(?P<n1>[1-9]\d)(?= ?(?:[.;,)]|$| (?:de|e|da|do)\b))",
    ),
    "ar": (
        r"(?<!\w)وانا (?:عمري )?%(N)s(?= ?(?:[.،,!؟\n]|$)| و)",
        r"(?<!\w)و?كنت (?:انا )?%(h)s%(N)s(?= ?[.،,!؟\n]|$| (?:سنه|سنين|سنوات|عام|عاما)\b)",
        r"(?<!\w)و?(?:عمري|عمرها|عمره|عمرنا|سني|سنها|سنه|العمر|بعمر|عمر|بسن|سن)(?: (?:كان|كانت|وقتها|حينها|يومها|وقتا|هو|هي|انذاك|ال))? %(h)s(?:ال)?%(N)s",
        r"(?<!\w)و?(?:عندي|عندها|عنده|عندو|عندا|كملت|تميت|بلغت|بلغ|صرت|اتممت|اكملت|قفلت|وعندي|فعمري|انا) %(h)s%(N)s (?:سنه|سنين|سنوات|عام|عاما|اعوام)\b",
        r"(?<!\w)و?(?:ابن|ابنه|بنت|ولد|ابن ال|بنت ال|طفله|طفل|فتاه|شاب|شابه|مراه|امراه|رجل|ست|بنتي|ابني|اخي|اختي)(?: \w+)?،? (?:عمرها |عمره |ال|ذو |ذات |في )?(?:ال)?%(N)s(?: (?:سنه|سنين|سنوات|عام|عاما|اعوام)\b|(?=[.،,!؟]|$))",
        r"[،,(] ?(?:و?عمري |و?عمرها |و?عمره )?%(N)s (?:سنه|سنين|سنوات|عام|عاما|اعوام)\b",
        r"(?<!\w)(?:في|بال|ب)? ?ال%(W)s(?: عشره?)?(?: و\w+)? من (?:عمري|عمرها|عمره)",
        r"(?<!\w)(?:في )?(?:سن|عمر) (?:ال)?%(N)s",
        r"(?<!\w)و?انا (?:في ال|ب?)%(N)s من عمري",
        r"(?<!\w)(?:في )?(?:ال)?(?P<n1>سادسه|سابعه|ثامنه|تاسعه|عاشره|الحاديه|الثانيه|الثالثه|الرابعه|الخامسه|السادسه|السابعه|الثامنه|التاسعه|العاشره|العشرين|الثلاثين|الاربعين)(?: (?:عشره?|و\w+))? من (?:عمري|عمرها|عمره)",
    ),
}  # fmt: skip
# "she was 15 and he 32": a second age in the breath of the first.
ECHO = {
    "en": r"(?: when \w+(?: \w+)?)?(?:,| and| to|;)? (?:he|him|she|her|they|i|me) (?:was |is |about |like )?%(N)s(?= *(?:$|[.,;!?)]| (?:when|and)\b))",
    "es": r"(?: cuando \w+(?: \w+)?)?(?:,| y| a|;)? (?:el|ella|yo|mi \w+(?: \w+)?|su \w+) (?:tenia |como |tiene |ya )?%(N)s(?= *(?:$|[.,;!?)]| (?:anos|y|cuando|era|fue)\b))",
    "fr": r"(?: quand \w+(?: \w+)?)?(?:,| et|;)? (?:lui|elle|moi|il|eux) (?:en (?:avait|a) |avait |a )?%(N)s(?= *(?:$|[.,;!?)]| (?:ans|et|quand)\b))",
    "pt": r"(?: quando \w+(?: \w+)?)?(?:,| e|;)? (?:ele|ela|eu|o \w+|a \w+) (?:tinha |tem |uns |com )?%(N)s(?= *(?:$|[.,;!?)]| (?:anos|e|quando|era|foi)\b))",
    "ar": r"(?:،|,)? و ?(?:هو|هي|انا|زوجي|عمره|عمرها)(?: كان| عمره| عمرها| عنده| عندها)? %(N)s",
}
# "ten, eleven years old", "14 or 15".
PAIR = {"en": r"(?:,| or| to|-| and) ?(?:maybe )?%(N)s", "es": r"(?:,| o| u| a| y|-) ?%(N)s", "fr": r"(?:,| ou| a|-| et) ?%(N)s",
        "pt": r"(?:,| ou| a|-| e) ?%(N)s", "ar": r"(?:،|,| او| ولا|-) ?%(N)s"}  # fmt: skip
YEARS_UNIT = {"en": r" ?-?(?:years?|yrs?)", "es": " (?:anos|anitos)", "fr": " ans", "pt": " (?:anos|aninhos)",
              "ar": " (?:سنه|سنين|سنوات|عام|عاما)"}  # fmt: skip

# Whose age it cannot be: "it was 11", "the bus is 45".
NO_PERSON = frozenset(
    "it there that this which number bus room door price score temperature time total line level grade class year floor flat "
    "house route train platform page chapter case what ones answer rate count half past".split()
)
UNITS = {
    "en": r" ?-?(?:minutes?|mins?|hours?|hrs?|days?|weeks?|months?|kilom\w+|km|miles?|met\w+|percent|%|times|people|of (?:us|them)|o'?clock|a\.?m\.?\b|p\.?m\.?\b|"
          r"st\b|nd\b|rd\b|th\b|dollars|pounds|rupees|kilos?|kg|pages|feet|inches|degrees|weeks|stops?|seconds|men|women|girls|boys|kids|children|others|"
          r"(?:years?|yrs?) (?:ago|later|after|before|in|since|of (?!age)|together|now\b|for|and nothing|into|from)|in the (?:morning|afternoon|evening)|at night)",
    "es": r" (?:anos (?:despues|mas tarde|de (?!edad)|antes|atras|juntos|trabajando|viviendo|casad\w+|callad\w+|aguantando|en)|minutos?|horas?|dias?|semanas?|mes(?:es)?|veces|hijos?|hijas?|hermanos?|euros|pesos|"
          r"mil|por ciento|metros|kilometros|cuadras|puntos|de (?:la|enero|febrero|marzo|abril|mayo|junio|julio|agosto))",
    "fr": r" (?:ans (?:de (?:mariage|prison|vie|metier|carriere|silence|relation|service|maison|boite)|plus tard|apres|avant|ensemble|que|qu')|minutes?|heures?|jours?|semaines?|mois|fois|euros|enfants|filles|km|metres)",
    "pt": r" (?:anos (?:depois|mais tarde|de (?!idade)|antes|atras|juntos|calad\w+|em)|minutos?|horas?|dias?|semanas?|mes(?:es)?|vezes|filhos?|filhas?|irmaos?|irmas?|euros|reais|mil|por cento|metros|quilometros|de)\b",
    "ar": r" (?:دقيقه|دقائق|دقايق|ساعه|ساعات|يوم|ايام|اسبوع|اسابيع|شهر|شهور|اشهر|مره|مرات|جنيه|دينار|ريال|درهم|كيلو|متر|اولاد|اطفال|بنات|اخوات|اخوه)",
}  # fmt: skip

BORN = {
    "en": r"(?:born|birthday|birthdate|birth date|date of birth|dob|d\.o\.b\.?|b-day|bday)", "es": r"(?:naci|nacio|nacida|nacido|nacimiento|cumpleanos|cumplo|fecha de nac\w*)",
    "fr": r"(?:nee?|naissance|anniversaire|ne le|nee le)", "pt": r"(?:nasci|nasceu|nascida|nascido|nascimento|aniversario|faco anos)",
    "ar": r"(?:ولدت|مولود|مولوده|مواليد|ميلادي|ميلاد|ميلادها|ميلاده|انولدت|خلقت|تولدت|اتولدت|تولد|الميلاد|ازديادي|زدت)",
}  # fmt: skip
BORN_ELSEWHERE = r"(?:जन्म\w*|doğum\w*|dogum\w*|geboren|geburtstag|geb\.|geburtsdatum|nilizaliwa|kuzaliwa|alizaliwa|tarehe ya kuzaliwa|born|dob|рожден\w*|родил\w*)"
# Without a year only after "on", "el", "dia": else it is a fraction.
SHORT_DAY = (
    r"(?:(?<=\bdia )|(?<=\bel )|(?<=\ble )|(?<=\bon )|(?<=يوم )|(?<=\bam ))\d{1,2}[./-]\d{1,2}(?![\d./-]\d|\d|%)"
)
NUMERIC_DAY = r"(?<![\d./-])(?:\d{1,2} ?[./-] ?\d{1,2} ?[./-] ?(?:\d{4}|\d{2})|(?:19|20)\d\d ?[./-] ?\d{1,2} ?[./-] ?\d{1,2})(?![\d/-]|\.\d)"


def find(reading: Reading, language: str | None) -> Iterator[Span]:
    """Ages (in a language that is looked through) and days (in every language, when written in numbers)."""
    text = reading.plain
    yield from _days(text, language)
    if language in PATTERNS:
        yield from _ages(text, language)


@cache
def _age_patterns(language: str) -> tuple[list[re.Pattern[str]], re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    number = NUMBER[language]
    values = {"N": f"(?P<n>{number})", "n": number, "h": HEDGE[language], "o": OPEN_END[language],
              "W": NUMBER_WORD[language]}  # fmt: skip
    patterns = [re.compile(pattern % values) for pattern in PATTERNS[language]]
    echo = re.compile(ECHO[language] % values)
    pair = re.compile(PAIR[language] % values)
    return patterns, echo, pair, re.compile(UNITS[language])


def _ages(text: str, language: str) -> Iterator[Span]:
    patterns, echo, pair, units = _age_patterns(language)
    seen: set[int] = set()
    for pattern in patterns:
        for match in pattern.finditer(text):
            group = next((name for name, value in match.groupdict().items() if value and name != "second"), None)
            if group is None or match.start(group) in seen or not _is_age(text, match, group, language, units):
                continue
            seen.add(match.start(group))
            yield Span(match.start(group), match.end(group), "age", "said")
            if "second" in match.groupdict() and match["second"]:
                yield Span(match.start("second"), match.end("second"), "age", "said")
            end = match.end(group)
            unit = re.compile(YEARS_UNIT[language]).match(text, end)
            other = pair.match(text, end)
            if other and not units.match(text, other.end()) and not unit and _is_plausible(other["n"]):
                seen.add(other.start("n"))
                yield Span(other.start("n"), other.end("n"), "age", "beside another")
                end = other.end()
            after = echo.match(text, unit.end() if unit else end)
            if after and not units.match(text, after.end()) and _is_plausible(after["n"]):
                seen.add(after.start("n"))
                yield Span(after.start("n"), after.end("n"), "age", "beside another")
    yield from _before_a_pair(text, language, seen)


def _before_a_pair(text: str, language: str, seen: set[int]) -> Iterator[Span]:
    """The ten of "ten, eleven years old", when the eleven was found."""
    for start in sorted(seen):
        before = re.compile(rf"({NUMBER[language]})(?:, ?| o | ou | or | a | to |-| او | ولا )\Z").search(
            text, max(0, start - 24), start
        )
        if before and before.start(1) not in seen and _is_plausible(before[1]):
            yield Span(before.start(1), before.end(1), "age", "beside another")


def _is_plausible(number: str) -> bool:
    return not number.isdigit() or 1 <= int(number) <= 99


def _is_age(text: str, match: re.Match[str], group: str, language: str, units: re.Pattern[str]) -> bool:
    number = match[group]
    if not _is_plausible(number) or (number.isdigit() and number.startswith("0")):
        return False
    if units.match(text, match.end(group)):
        return False
    if number in {"one", "un", "uno", "una", "une", "um", "uma", "واحد", "واحده"} and not re.compile(
        YEARS_UNIT[language]
    ).match(text, match.end(group)):
        return False
    before = text[max(0, match.start() - 24) : match.start()].split()
    subject = before[-1] if before else ""
    if subject == "y" and language == "fr":  # il y a vingt ans: twenty years ago
        return False
    return not (re.match(r"(?:was|is|were|are|it)\b", match[0]) and (subject in NO_PERSON or not before))


@cache
def _day_patterns(language: str | None) -> tuple[re.Pattern[str], re.Pattern[str]]:
    born = "|".join([BORN_ELSEWHERE, BORN[language]] if language in BORN else [BORN_ELSEWHERE, *BORN.values()])
    year = r"(?:,? ?(?:de |del |of |في |سنه |عام )?(?:19|20)\d\d|,? '\d\d)?"
    days = [NUMERIC_DAY, SHORT_DAY]
    spoken = [language] if language in MONTHS else list(MONTHS)
    for each in spoken:
        month = MONTHS[each]
        days.append(
            rf"(?<![\d.:])(?:the )?\d{{1,2}}(?:st|nd|rd|th|er|º|o)?\.? (?:of |de |del |من |من شهر |شهر )?{month}(?!\w){year}"
        )
        if each == "en":
            days.append(rf"\b{month} (?:the )?\d{{1,2}}(?:st|nd|rd|th)?(?![\d:])(?!\s?(?:am|pm))(?:,? (?:19|20)\d\d)?")
    return re.compile(rf"(?<!\w)(?:{born})(?!\w)"), re.compile("|".join(days))


def _days(text: str, language: str | None) -> Iterator[Span]:
    born, day = _day_patterns(language)
    births = [match.end() for match in born.finditer(text)]
    for match in day.finditer(text):
        last = bisect_right(births, match.start())
        near = (
            last > 0
            and match.start() - births[last - 1] <= 30
            and not re.search(r"[.;]", text[births[last - 1] : match.start()])
        )
        end = match.start() + len(match[0].rstrip(" ."))
        yield Span(match.start(), end, "birth" if near else "date", "day")
        if language == "fr":
            following = re.compile(r"[^.!?]{0,80}[.!?]? ?\ble (\d{1,2})(?= (?!h|heures|euros)[a-z'])").match(
                text, match.end()
            )
            if following:
                yield Span(following.start(1), following.end(1), "date", "day")
