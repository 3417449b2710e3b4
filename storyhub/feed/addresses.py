"""The part of an address that names one theme, or two that belong together."""

from __future__ import annotations

import re

from werkzeug.routing import BaseConverter, ValidationError

from storyhub.models.theme import SLUG


class SlugsConverter(BaseConverter):
    """`<slugs:slugs>` in a route: "buses", or "buses+night" for the stories that have both."""

    regex = r"[a-z0-9+-]{1,163}"

    def to_python(self, value: str) -> list[str]:
        slugs = value.split("+")
        if len(slugs) > 2 or not all(re.fullmatch(SLUG, slug) for slug in slugs):
            raise ValidationError
        return slugs

    def to_url(self, value: list[str]) -> str:
        return "+".join(value)
