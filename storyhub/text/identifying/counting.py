"""Numbers as words, up to ninety-nine, in the languages that are looked through: as patterns for folded text."""

from __future__ import annotations

__all__ = ["MONTHS", "NUMBER", "NUMBER_WORD"]


def _either(*words: str) -> str:
    return "(?:" + "|".join(sorted((w for word in words for w in word.split("|")), key=len, reverse=True)) + ")"


_EN_ONES = "one|two|three|four|five|six|seven|eight|nine"
_EN = _either("ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen", _EN_ONES)
_EN_TENS = "(?:twenty|thirty|forty|fourty|fifty|sixty|seventy|eighty|ninety)"
_ES_ONES = "un|uno|una|dos|tres|cuatro|cinco|seis|siete|ocho|nueve"
_ES = _either(
    _ES_ONES,
    "diez|once|doce|trece|catorce|quince|dieciseis|diecisiete|dieciocho|diecinueve|veinte|veintiuno|veintiun|veintidos|"
    "veintitres|veinticuatro|veinticinco|veintiseis|veintisiete|veintiocho|veintinueve",
)
_ES_TENS = "(?:treinta|cuarenta|cincuenta|sesenta|setenta|ochenta|noventa)"
_FR_ONES = "un|une|deux|trois|quatre|cinq|six|sept|huit|neuf"
_FR_TEENS = "dix|onze|douze|treize|quatorze|quinze|seize|dix-sept|dix-huit|dix-neuf|dix sept|dix huit|dix neuf"
_FR = _either(_FR_ONES, _FR_TEENS)
_FR_TENS = "(?:vingt|trente|quarante|cinquante|soixante|septante|huitante|nonante|quatre-vingts?|quatre vingts?)"
_PT_ONES = "um|uma|dois|duas|tres|quatro|cinco|seis|sete|oito|nove"
_PT = _either(
    _PT_ONES,
    "dez|onze|doze|treze|quatorze|catorze|quinze|dezesseis|dezasseis|dezessete|dezassete|dezoito|dezenove|dezanove",
)
_PT_TENS = "(?:vinte|trinta|quarenta|cinquenta|sessenta|setenta|oitenta|noventa)"
# Arabic numbers below ten are written in many ways; ten and one is one word or two.
_AR_ONES = (
    "واحد|واحده|احد|احدي|حدا|اثنا|اثني|اثنان|اثنين|اتنين|اثنتا|اثنتي|ثلاث|ثلاثه|تلات|تلاته|اربع|اربعه|خمس|خمسه|"
    "ست|سته|سبع|سبعه|ثماني|ثمانيه|ثمان|تمن|تمنيه|تمان|تسع|تسعه"
)
_AR_TEENS = (
    "عشر|عشره|حداشر|احداشر|اتناشر|اثناشر|اطناشر|تلتاشر|تلاتاشر|ثلاثطعش|تلطعش|اربعتاشر|اربعطعش|اربعطاشر|خمستاشر|خمسطعش|خمسطاشر|"
    "ستاشر|سطعش|سطاشر|سبعتاشر|سبعطعش|سبعطاشر|تمنتاشر|ثمنطعش|تمنطعش|تمنطاشر|تسعتاشر|تسعطعش|حدعش|احدعش|اثنعش|اطنعش|تلاطاش|سطاش|تناش|طناش"
)
_AR_TENS = "(?:عشرين|عشرون|ثلاثين|ثلاثون|تلاتين|اربعين|اربعون|خمسين|خمسون|ستين|ستون|سبعين|سبعون|ثمانين|ثمانون|تمانين|تسعين|تسعون)"

NUMBER_WORD = {
    "en": rf"(?:{_EN_TENS}(?:[- ](?:{_EN_ONES}))?|{_EN})",
    "es": rf"(?:{_ES_TENS}(?: y (?:{_ES_ONES}))?|{_ES})",
    "fr": rf"(?:{_FR_TENS}(?:(?:[- ]et)?[- ](?:{_FR_TEENS}|{_FR_ONES}))?|{_FR})",
    "pt": rf"(?:{_PT_TENS}(?: e (?:{_PT_ONES}))?|{_PT})",
    "ar": rf"(?:(?:{_either(_AR_ONES)} و ?)?{_AR_TENS}|{_either(_AR_ONES)} عشره?|{_either(_AR_TEENS, _AR_ONES)})",
}
# A number as an age is written: one or two digits that nothing longer goes on with.
NUMBER = {
    language: rf"(?:(?<![\d.,:/-])\d{{1,2}}(?![\d%°$€£]|[.,:/]\d|-\d)|\b{words}\b)"
    for language, words in NUMBER_WORD.items()
}

MONTHS = {
    "en": r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
          r"nov(?:ember)?|dec(?:ember)?)\.?",
    "es": r"(?:enero|febrero|marzo|abril|mayo|junio|julio|agosto|sep?tiembre|octubre|noviembre|diciembre)",
    "fr": r"(?:janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre)",
    "pt": r"(?:janeiro|fevereiro|marco|abril|maio|junho|julho|agosto|setembro|outubro|novembro|dezembro)",
    "ar": r"(?:يناير|فبراير|مارس|ابريل|مايو|ماي|يونيو|يونيه|يوليو|يوليوز|اغسطس|غشت|سبتمبر|شتنبر|اكتوبر|نوفمبر|نونبر|ديسمبر|دجنبر|جانفي|فيفري|"
          r"افريل|جوان|جويليه|اوت|كانون الثاني|كانون الاول|شباط|اذار|نيسان|ايار|حزيران|تموز|اب|ايلول|تشرين الاول|تشرين الثاني|"
          r"رمضان|شوال|شعبان|رجب|محرم|صفر)",
}  # fmt: skip
