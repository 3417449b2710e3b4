"""Which themes a story may have, learned from those that people coded here; a person accepts each, or does not.

    data, quality = learn([Told(text, themes, language), …])       what is kept, and how good it is
    Suggester(data).suggest(texts, languages)                      themes with how sure it is

Pure functions of what is handed in. Why so, and how well: docs/suggesting.md.
"""

from storyhub.text.nearness import NotInstalled
from storyhub.text.suggesting.learned import Unlike
from storyhub.text.suggesting.learning import (
    FEWEST,
    FEWEST_IN_LANGUAGE,
    FEWEST_OF_THEME,
    LEAST_PRECISION,
    MOST_THEMES,
    SAMPLE,
    Abroad,
    OfTheme,
    Quality,
    Told,
    TooFew,
    learn,
    learn_in_steps,
)
from storyhub.text.suggesting.suggester import METHODS, Suggested, Suggester, WhyNone, base

__all__ = [
    "FEWEST",
    "FEWEST_IN_LANGUAGE",
    "FEWEST_OF_THEME",
    "LEAST_PRECISION",
    "METHODS",
    "MOST_THEMES",
    "SAMPLE",
    "Abroad",
    "NotInstalled",
    "OfTheme",
    "Quality",
    "Suggested",
    "Suggester",
    "Told",
    "TooFew",
    "Unlike",
    "WhyNone",
    "base",
    "learn",
    "learn_in_steps",
]
