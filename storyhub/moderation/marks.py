"""What stands in a story for words that were hidden: in the story's own language, as far as we know it."""

from __future__ import annotations

import enum

from storyhub import languages


class Hidden(enum.StrEnum):
    """What kind of words were hidden, so that the story can still be followed."""

    NAME = "name"
    PLACE = "place"
    OTHER = "other"


# These become part of a story and are kept with it, so they are no strings of the interface.
MARKS: dict[str, tuple[str, str, str]] = {
    "en": ("[name removed]", "[place removed]", "[detail removed]"),
    "ar": ("[حُذف الاسم]", "[حُذف المكان]", "[حُذفت معلومة]"),
    "bn": ("[নাম সরানো হয়েছে]", "[স্থান সরানো হয়েছে]", "[তথ্য সরানো হয়েছে]"),
    "de": ("[Name entfernt]", "[Ort entfernt]", "[Angabe entfernt]"),
    "es": ("[nombre suprimido]", "[lugar suprimido]", "[detalle suprimido]"),
    "fr": ("[nom retiré]", "[lieu retiré]", "[détail retiré]"),
    "hi": ("[नाम हटाया गया]", "[जगह हटाई गई]", "[जानकारी हटाई गई]"),
    "id": ("[nama dihapus]", "[tempat dihapus]", "[keterangan dihapus]"),
    "it": ("[nome rimosso]", "[luogo rimosso]", "[dettaglio rimosso]"),
    "nl": ("[naam verwijderd]", "[plaats verwijderd]", "[detail verwijderd]"),
    "pt": ("[nome removido]", "[local removido]", "[detalhe removido]"),
    "ru": ("[имя удалено]", "[место удалено]", "[сведения удалены]"),
    "sw": ("[jina limeondolewa]", "[mahali pameondolewa]", "[maelezo yameondolewa]"),
    "tr": ("[ad çıkarıldı]", "[yer çıkarıldı]", "[ayrıntı çıkarıldı]"),
    "ur": ("[نام ہٹا دیا گیا]", "[جگہ ہٹا دی گئی]", "[تفصیل ہٹا دی گئی]"),
}


def mark(kind: Hidden, language: str | None) -> str:
    """The mark for a story in this language (BCP 47); in the default language where we have no words of it."""
    known = MARKS.get((language or "").partition("-")[0].lower(), MARKS[languages.DEFAULT])
    return known[list(Hidden).index(kind)]
