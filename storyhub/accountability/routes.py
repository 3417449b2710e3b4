"""The public report and the policy, as pages, and the report for machines."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, Response, current_app, jsonify, render_template

from storyhub import clock
from storyhub.accountability import queries
from storyhub.config import Settings
from storyhub.extensions import db
from storyhub.languages import DEFAULT, current
from storyhub.models.decision import Reason
from storyhub.models.labels import REASONS
from storyhub.models.site import the_site
from storyhub.protection.access import audience

accountability = Blueprint("accountability", __name__)


@accountability.get("/accountability")
@audience("public")
def report() -> str:
    return render_template(
        "accountability/report.html",
        report=_report(),
        reasons=REASONS,
        least=_settings().small_cell,
        next_table=_first_of_next_month(),
        month_day=lambda month: dt.date.fromisoformat(f"{month}-01"),
    )


@accountability.get("/policy")
@audience("public")
def policy() -> str:
    site = the_site(db.session)
    return render_template(
        "accountability/policy.html",
        written=site.policy.get(current()) or site.policy.get(DEFAULT),
        duty=site.reports_duty.get(current()) or site.reports_duty.get(DEFAULT),
        reasons=[(reason, REASONS[reason]) for reason in Reason],
        can_appeal="/receipt/appeal" in {rule.rule for rule in current_app.url_map.iter_rules()},
    )


@accountability.get("/api/v1/accountability")
@audience("public")
def api_report() -> Response:
    found = _report()
    record = {"number": found.record[0], "hash": found.record[1]} if found.record else None
    response: Response = jsonify(
        before=found.before.isoformat(),
        months=[{"month": month, **cells} for month, cells in found.months.items()],
        in_all=found.in_all,
        declined_for=found.declined_for,
        median_days_waited=found.median_days_waited,
        record=record,
        public_now=found.public_now,
        waiting_about=found.waiting_about,
    )
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _report() -> queries.Report:
    return queries.report(db.session, clock.today(), _settings().small_cell)


def _first_of_next_month() -> dt.date:
    return (clock.today().replace(day=1) + dt.timedelta(days=32)).replace(day=1)


def _settings() -> Settings:
    found: Settings = current_app.extensions["settings"]
    return found
