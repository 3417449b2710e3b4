"""The pages on which organisers make tables of stories, see what would be kept back, and take them out."""

from __future__ import annotations

import hashlib
from urllib.parse import quote

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from storyhub import languages
from storyhub.exports import tables
from storyhub.exports.table_files import zip_of
from storyhub.exports.table_forms import TableForm
from storyhub.exports.tables import Asked, Codebook, Making, MonthOfFacts, SeenOtherwise, Unfit, name_of_group
from storyhub.extensions import db
from storyhub.models.frozen import FrozenTable, freeze_month, tables_that_left
from storyhub.models.people import Person
from storyhub.protection import identifiers
from storyhub.protection.access import audience, needs_fresh_sign_in, only_reading, only_reads_at_the_desk
from storyhub.protection.disclosure import ALL_OTHERS, CannotBeProtected, NotNested, Proposal, TooLarge

made = Blueprint("tables", __name__, url_prefix="/organise/tables")


@made.get("", endpoint="tables")
@audience("organiser")
def show_tables() -> str | tuple[str, int]:
    only_reads_at_the_desk()  # what is kept back takes seconds to find, in which nobody may have to wait to tell
    facts, codebook = _facts(), Codebook.of(db.session)
    form = _form(facts, codebook, request.args if "rows" in request.args else None)
    if facts.is_empty or "rows" not in request.args:
        return _page(form, facts)
    if not form.validate():
        return _page(form, facts), 400
    return _shown(form, facts)


@made.post("")
@audience("organiser")
@needs_fresh_sign_in
def take_out() -> AnyResponse | str | tuple[str, int]:
    facts = _facts()
    form = _form(facts, Codebook.of(db.session), request.form)
    if facts.is_empty or not form.validate():
        return _page(form, facts), 400
    seen, language, by = request.form.get("seen", ""), languages.current(), current_user.id
    try:
        with only_reading():  # solving takes seconds; nobody waits for that who wants to tell
            making = tables.make_table(db.session, form.asked(), _least(), with_bounds=True)
        table = tables.take_table(db.session, form.asked(), seen, language, _least(), by=by, making=making)
    except SeenOtherwise:
        db.session.rollback()
        return _shown(
            form,
            facts,
            told=_("Something has changed since you looked, so nothing was taken out. This is how it would leave now."),
        )
    except (Unfit, TooLarge, NotNested, CannotBeProtected) as error:
        db.session.rollback()
        return _page(form, facts, wrong=why_not(error)), 400
    if table is None:
        abort(404)
    return _leaving(table)


@made.post("/month")
@audience("organiser")
def count_month() -> AnyResponse:
    freeze_month(db.session)
    db.session.commit()
    return redirect(url_for("tables.tables"), 303)


@made.get("/<id:table_id>")
@audience("organiser")
def table(table_id: int) -> str:
    found = db.session.get(FrozenTable, table_id) or abort(404)
    person = db.session.get(Person, found.by_id) if found.by_id else None
    return render_template(
        "exports/table.html",
        table=found,
        layout=tables.layout_left(found),
        name_of=tables.name_of,
        facet_names=tables.facet_names(),
        title=title_of(found),
        by=person.username if person else None,
        sha256=hashlib.sha256(zip_of(found)).hexdigest(),
    )


@made.post("/<id:table_id>/file")
@audience("organiser")
@needs_fresh_sign_in
def take_again(table_id: int) -> AnyResponse:
    return _leaving(db.session.get(FrozenTable, table_id) or abort(404))


def _leaving(table: FrozenTable) -> AnyResponse:
    """The file of a table; that it leaves is noted each time."""
    data, name = zip_of(table), f"table-{table.month}-{identifiers.shown(table.id)}.zip"
    tables.record_taken(db.session, table, hashlib.sha256(data).hexdigest(), by=current_user.id)
    db.session.commit()
    response = Response(data, mimetype="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _least() -> int:
    least: int = current_app.extensions["settings"].small_cell
    return least


def _facts() -> MonthOfFacts:
    return tables.this_months_facts(db.session, _least())


def _form(facts: MonthOfFacts, codebook: Codebook, values: MultiDict[str, str] | None) -> TableForm:
    language = languages.current()
    choices = {}
    for facet in tables.FACETS:
        groups = [] if facts.is_empty else facts.groups(facet, codebook)
        named = [(group, name_of_group(facet, group, codebook, language)) for group in groups]
        choices[facet] = [(_value_of(facet, group, codebook), name) for group, name in named]
        choices[facet] = [(value, name) for value, name in choices[facet] if value != ALL_OTHERS]
    return TableForm(values, choices)


def _value_of(facet: str, group: frozenset[str], codebook: Codebook) -> str:
    if facet == "theme" and (theme := codebook.theme_of(group)) is not None:
        return identifiers.shown(theme.id)
    return min(group)


def _shown(form: TableForm, facts: MonthOfFacts, told: str | None = None) -> str | tuple[str, int]:
    try:
        making = tables.make_table(db.session, form.asked(), _least())
    except (Unfit, TooLarge, NotNested, CannotBeProtected) as error:
        return _page(form, facts, wrong=why_not(error)), 400
    return _page(form, facts, making=making, told=told)


def _page(
    form: TableForm,
    facts: MonthOfFacts,
    *,
    making: Making | None = None,
    wrong: str | None = None,
    told: str | None = None,
) -> str:
    language = languages.current()
    names = {}
    if making is not None:
        names = {
            axis.facet: [name_of_group(axis.facet, group, making.codebook, language) for group in axis.groups]
            for axis in making.layout.axes
        }
    return render_template(
        "exports/tables.html",
        form=form,
        facts=facts,
        making=making,
        names=names,
        facet_names=tables.facet_names(),
        proposals=[(said_of(one), one.protected, _address(asked)) for one, asked in making.proposals()]
        if making
        else [],
        plain=_address(making.asked.without_joins()) if making and making.asked.joins else None,
        wrong=wrong,
        told=told,
        least=facts.least,
        left=[(one, title_of(one)) for one in tables_that_left(db.session)],
    )


def _address(asked: Asked) -> str:
    return url_for("tables.tables") + "?" + "&".join(f"{name}={_quoted(value)}" for name, value in asked.query())


def _quoted(value: str) -> str:
    return quote(value, safe=":,")


def title_of(table: FrozenTable) -> str:
    names = tables.facet_names()
    rows, columns = (table.asked[axis]["facet"] for axis in ("rows", "columns"))
    title = _("%(rows)s by %(columns)s", rows=names[rows], columns=names[columns]) if columns else names[rows]
    return ", ".join([title, *table.asked["filter_names"]])


def said_of(proposal: Proposal) -> str:
    """What a joining does, in words."""
    if proposal.kind == "years":
        return _("Join years in bands of %(num)s", num=proposal.band)
    if proposal.kind == "upper":
        return _("Show only the upper themes")
    few = {
        "country": _("Join the countries of which most is kept back"),
        "setting": _("Join the places of which most is kept back"),
        "year": _("Join the years of which most is kept back"),
        "campaign": _("Join the campaigns of which most is kept back"),
    }
    every = {
        "country": _("Join all countries of which something is kept back"),
        "setting": _("Join all places of which something is kept back"),
        "year": _("Join all years of which something is kept back"),
        "campaign": _("Join all campaigns of which something is kept back"),
    }
    return (few if proposal.kind == "most" else every)[proposal.facet]


def why_not(error: Exception) -> str:
    """Why no table is made, and what to do."""
    if isinstance(error, Unfit):
        return {
            "twice": _("Please choose something else for the columns than for the rows."),
            "axis-and-filter": _(
                "What the rows or columns divide cannot be chosen at the same time: please set it to all."
            ),
            "large": _(
                "This table has more than %(num)s cells. Please choose fewer rows or columns.", num=tables.MOST_CELLS
            ),
            "nothing": _("There is no story like this in this month's counts."),
        }[error.code]
    if isinstance(error, CannotBeProtected):
        return _(
            "From the tables that left this month, too much of this one could be worked out. Next month it can be made."
        )
    if isinstance(error, NotNested):
        return _("Themes have been moved since a table left this month. Next month this table can be made.")
    return _(
        "This table is too large to be checked together with those that left. Please choose fewer rows or columns."
    )
