"""What an organiser says of the table that they want."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flask_babel import lazy_gettext as _
from werkzeug.datastructures import MultiDict
from wtforms import Form, SelectField
from wtforms.fields import SelectChoice

from storyhub.exports.tables import FACETS, Asked

ROWS = {
    "theme": _("Themes"),
    "country": _("Countries"),
    "setting": _("Where it happened"),
    "year": _("Years"),
    "campaign": _("Campaigns"),
}
MOST_JOINS = 20


class TableForm(Form):
    """Rows, columns, and which stories. It is a GET form: a table is an address, and looking changes nothing."""

    rows = SelectField(_("Rows"), default="theme")
    columns = SelectField(_("Columns"), default="country")
    only_theme = SelectField(_("Theme"), default="")
    only_country = SelectField(_("Country"), default="")
    only_setting = SelectField(_("Where it happened"), default="")
    only_year = SelectField(_("Year"), default="")
    only_campaign = SelectField(_("Campaign"), default="")

    def __init__(self, values: MultiDict[str, str] | None, choices: Mapping[str, Iterable[tuple[str, str]]]) -> None:
        super().__init__(values)
        self.joins = tuple(values.getlist("join")[:MOST_JOINS]) if values else ()
        named = [SelectChoice(facet, name) for facet, name in ROWS.items()]
        self.rows.choices = named
        self.columns.choices = [SelectChoice("", _("none")), *named]
        for facet in FACETS:
            self[f"only_{facet}"].choices = [
                SelectChoice("", _("all")),
                *(SelectChoice(*one) for one in choices[facet]),
            ]

    def asked(self) -> Asked:
        only = tuple((facet, value) for facet in FACETS if (value := self[f"only_{facet}"].data))
        return Asked(self.rows.data, self.columns.data or "", only, self.joins)
