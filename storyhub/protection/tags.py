"""Two tags for templates that are printed once for all stories, and filled for each (`Shape` in sanitising.py).

    {% when entry.title %}…{% else %}…{% endwhen %}     as `if`, but for one value
    {% each theme in entry.themes %}…{% endeach %}      as `for`

Of real things they print what `if` and `for` would. Of marks they print both sides, and one round, with marks around
them: what a story has is then asked when its words are put in. So there is one shape for all stories that there can be,
and nothing that is kept tells which of them somebody has read.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.parser import Parser

from storyhub.protection.sanitising import Mark


class ShapeTags(Extension):
    tags = {"when", "each"}

    def parse(self, parser: Parser) -> list[nodes.Node]:
        tag = next(parser.stream)
        made = self._when(parser) if tag.value == "when" else self._each(parser)
        return [node.set_lineno(tag.lineno) for node in made]

    def _when(self, parser: Parser) -> list[nodes.Node]:
        asked = parser.parse_expression()
        there = parser.parse_statements(("name:else", "name:endwhen"))
        missing: list[nodes.Node] = []
        if next(parser.stream).value == "else":
            missing = parser.parse_statements(("name:endwhen",), drop_needle=True)
        return [
            self._printed("_mark", asked, "?"),
            nodes.If(self._asked("_is_printed", asked, True), there, [], []),
            self._printed("_mark", asked, ":"),
            nodes.If(self._asked("_is_printed", asked, False), missing, [], []),
            self._printed("_mark", asked, "/"),
        ]

    def _each(self, parser: Parser) -> list[nodes.Node]:
        one = parser.parse_assign_target(name_only=True)
        parser.stream.expect("name:in")
        things = parser.parse_expression()
        body = parser.parse_statements(("name:endeach",), drop_needle=True)
        return [
            self._printed("_mark", things, f"*{one.name}="),
            nodes.For(one, self._asked("_things", things, one.name), body, [], None, False),
            self._printed("_mark", things, "/"),
        ]

    def _asked(self, question: str, asked: nodes.Expr, how: object) -> nodes.Expr:
        return self.call_method(question, [asked, nodes.Const(how)])

    def _printed(self, question: str, asked: nodes.Expr, how: str) -> nodes.Node:
        return nodes.Output([self._asked(question, asked, how)])

    def _mark(self, asked: Any, kind: str) -> Mark | str:
        return Mark(kind + asked.__path__) if type(asked) is Mark else ""

    def _is_printed(self, asked: Any, is_there: bool) -> bool:
        return type(asked) is Mark or bool(asked) is is_there

    def _things(self, asked: Any, name: str) -> Iterable[Any]:
        return [Mark(name)] if type(asked) is Mark else asked
