"""The public report and the policy, as pages, and the report for machines."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, jsonify, render_template

from storyhub import clock
from storyhub.accountability import queries
from storyhub.accountability.counting import months_to_count
from storyhub.accountability.heads import latest_heads
from storyhub.config import Settings
from storyhub.extensions import db
from storyhub.languages import DEFAULT, current
from storyhub.models import responded
from storyhub.models.decision import Reason
from storyhub.models.labels import REASONS
from storyhub.models.monthly import first_day, month_after
from storyhub.models.site import the_site
from storyhub.protection.access import audience

accountability = Blueprint("accountability", __name__)


@accountability.get("/accountability")
@audience("public")
def report() -> str:
    found = _report()
    return render_template(
        "accountability/report.html",
        report=found,
        heads=latest_heads(db.session),
        answered=responded.newest(db.session),
        reasons=REASONS,
        least=_settings().small_cell,
        most_waiting=queries.MOST_WAITING,
        next_table=month_after(clock.today()),
        month_day=first_day,
        is_being_counted=not found.months and bool(months_to_count(db.session)),
    )


@accountability.get("/policy")
@audience("public")
def policy() -> str:
    site = the_site(db.session)
    return render_template(
        "accountability/policy.html",
        written=site.policy.get(current()) or site.policy.get(DEFAULT),
        duty=site.reports_duty.get(current()) or next(iter(site.reports_duty.values()), None),
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
        months=[
            {"month": month, **cells, "declined_for": found.reasons_by_month[month]}
            for month, cells in found.months.items()
        ],
        in_all={name: total.count if total.whole else None for name, total in found.in_all.items()},
        in_all_at_least={name: total.count for name, total in found.in_all.items()},
        declined_for={reason: total.count if total.whole else None for reason, total in found.declined_for.items()},
        declined_for_at_least={reason: total.count for reason, total in found.declined_for.items()},
        median_days_waited=found.median_days_waited,
        record=record,
        heads=[{"day": day.isoformat(), "hash": head} for day, head in latest_heads(db.session)],
        public_now=found.public_now,
        waiting_about=found.waiting_about,
    )
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _report() -> queries.Report:
    return queries.report(db.session, clock.today(), _settings().small_cell)


def _settings() -> Settings:
    found: Settings = current_app.extensions["settings"]
    return found
