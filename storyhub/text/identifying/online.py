"""Links, e-mail addresses and the names that people have on social media."""

from __future__ import annotations

import re
from collections.abc import Iterator

from storyhub.text.identifying.reading import Reading
from storyhub.text.identifying.spans import Span

__all__ = ["find"]

# Each is anchored at what is rare, and bounded, so that no text makes it slow.
AT = re.compile(r"(?<=[\w+-])@(?=[\w])")
BEFORE_AT = re.compile(r"[\w.+%'-]{1,64}\Z")
DOMAIN = re.compile(r"[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}")
SPELLED = re.compile(
    r"\b[\w.+-]{2,40} ?[\[(]? ?(?:at|arroba|arobase|chez) ?[\])]? ?"
    r"(?:gmail|hotmail|yahoo|outlook|icloud|proton\w{0,4}|[\w-]{2,30} ?[\[(]? ?(?:dot|punto|point|ponto) ?[\])]?)"
    r"(?: ?(?:\.|dot|punto|point|ponto) ?(?:com|net|org|[a-z]{2})){0,2}\b"
)
SCHEME = re.compile(r"\b(?:https?://|www\.)[^\s<>\"]{2,400}")
TOP = (
    "com|org|net|info|edu|gov|mil|int|io|app|dev|xyz|online|site|club|blog|tv|ly|gl|example|onion|uk|au|ng|"
    "ke|za|ph|nz|mx|cl|uy|fr|ch|pt|br|eg|dz|tn|jo|lb|iq|nl|ru|tr|pk|bd|sn|cm"
)
BARE = re.compile(
    rf"(?<![\w.@/-])(?:[\w-]{{2,40}}\.){{1,4}}(?:{TOP})(?:\.[a-z]{{2}})?(?![\w-])(?:/[^\s<>\"]{{0,300}})?"
)
# These are words too ("he went by.It was dark"), so only an address that goes on after them is one.
WORDY = re.compile(
    r"(?<![\w.@/-])(?:[\w-]{2,40}\.){1,4}(?:me|be|us|in|it|es|de|ca|ie|sa|ae|ma|co|ar|pe|ve|ec|ci|no|so|to)/[^\s<>\"]{1,300}"
)
HANDLE = re.compile(r"(?<![\w@.])@[\w.]{2,40}")
SAID_ACCOUNT = re.compile(
    r"\b(?:user ?name|handle|account|profile|perfil|profil|usuario|usuaria|compte|cuenta|conta|pseudo|nick|حساب|حسابه|حسابها)"
    r"(?: (?:is|es|est|e|named|called|llamad[ao]|se llama|chamad[ao]|nomme|name|اسمه|اسمها|باسم)){0,2}[: ]{1,2}((?=\w{0,30}[_\d])[\w.]{3,40})"
)
NAMED_ACCOUNT = re.compile(
    r"\b(?:insta(?:gram)?|ig|snap(?:chat)?|tik ?tok|telegram|discord|twitter|facebook|fb|onlyfans|انستغرام|انستا|سناب|تيليجرام)"
    r"(?: (?:is|es|est|e|handle|name|user|username|account|handel|usuario|conta|compte|cuenta))?\s?[:=]\s?([\w.]{3,40})"
)
IP = re.compile(r"(?<![\d.])(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}(?![\d.]*\d)")
REDDIT = re.compile(r"(?<![\w/])/?u/[\w-]{3,30}")
TRAILING = ".,;:!?)]}'\"؟،"


def find(reading: Reading) -> Iterator[Span]:
    """What leads to somebody on the net, in every language."""
    text = reading.plain
    yield from _emails(text)
    for pattern in (SCHEME, BARE, WORDY, IP):
        for match in pattern.finditer(text):
            yield Span(match.start(), match.start() + len(match[0].rstrip(TRAILING)), "link", "address on the net")
    for match in HANDLE.finditer(text):
        yield Span(match.start(), match.start() + len(match[0].rstrip(TRAILING)), "handle", "at sign")
    for match in NAMED_ACCOUNT.finditer(text):
        yield Span(match.start(1), match.start(1) + len(match[1].rstrip(TRAILING)), "handle", "named network")
    for match in SAID_ACCOUNT.finditer(text):
        if not match[1].isdigit():
            yield Span(match.start(1), match.start(1) + len(match[1].rstrip(TRAILING)), "handle", "said to be one")
    for match in REDDIT.finditer(text):
        yield Span(match.start(), match.end(), "handle", "named network")


def _emails(text: str) -> Iterator[Span]:
    for at in AT.finditer(text):
        before = BEFORE_AT.search(text[max(0, at.start() - 64) : at.start()])
        domain = DOMAIN.match(text, at.end(), at.end() + 200)
        if before and domain:
            yield Span(at.start() - len(before[0].lstrip(".'-")), domain.end(), "email", "at sign")
        elif before:
            bare = re.compile(r"[\w-]{2,40}").match(text, at.end())
            if bare:  # "name@gmail": somebody left the end off
                yield Span(at.start() - len(before[0]), bare.end(), "email", "at sign")
    for match in SPELLED.finditer(text) if "arroba" in text or "gmail" in text or " dot " in text else ():
        yield Span(match.start(), match.end(), "email", "spelled out")
