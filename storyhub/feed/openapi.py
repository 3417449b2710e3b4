"""What the API promises, as OpenAPI 3.1."""

from __future__ import annotations

from typing import Any

from storyhub.models.story import Setting

BOUND = (
    "So many stories are looked at for one page, and no more. Where filters or words fit few of them, a page may hold "
    "few stories or none, and `next` still leads on to those that were not looked at yet: there are no more when it is "
    "null."
)
STORY = {"$ref": "#/components/schemas/Story"}


def description(site_url: str, site_name: str) -> dict[str, Any]:
    """The whole description. A parameter or field that is not in it is not promised."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{site_name}: public stories",
            "version": "1",
            "description": "Read-only and public. Stories carry an opening and a link; `text` is given only where the "
            "person who told the story allowed it. A story that was taken back answers 404, one that was set aside "
            "410: please delete your copy.",
        },
        "servers": [{"url": site_url}],
        "paths": {
            "/api/v1/stories": _get("Public stories, newest first", "Stories", _filters(), about=BOUND),
            "/api/v1/stories/{id}": _get("One public story", "Story", [_id()], gone=True),
            "/api/v1/stories/{id}/related": _get("Stories that share its themes", "Stories", [_id()], gone=True),
            "/api/v1/themes": _get("All themes, with their definitions", "Themes", []),
            "/api/v1/places": _get("Countries that have public stories", "Places", []),
            "/api/v1/accountability": _get("What was done with all stories, in counts", "Accountability", []),
            "/api/v1/openapi.json": _get("This description", "Anything", []),
        },
        "components": {
            "schemas": _schemas(),
            "responses": {"Problem": _answer("A problem (RFC 9457)", "Problem", "application/problem+json")},
        },
    }


def _get(
    summary: str, schema: str, parameters: list[dict[str, Any]], gone: bool = False, about: str = ""
) -> dict[str, Any]:
    problems = ["400", "404", "429"] + (["410"] if gone else [])
    return {
        "get": {
            "summary": summary,
            **({"description": about} if about else {}),
            "parameters": parameters,
            "responses": {
                "200": _answer(summary, schema),
                "304": {"description": "Unchanged since the ETag that was asked for"},
                **{code: {"$ref": "#/components/responses/Problem"} for code in problems},
            },
        }
    }


def _answer(summary: str, schema: str, kind: str = "application/json") -> dict[str, Any]:
    return {"description": summary, "content": {kind: {"schema": {"$ref": f"#/components/schemas/{schema}"}}}}


def _id() -> dict[str, Any]:
    return {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "pattern": "^[0-9a-z]{13}$"}}


def _filters() -> list[dict[str, Any]]:
    text = {"type": "string"}
    several = {"type": "array", "items": text, "maxItems": 10}
    wanted = {
        "theme": (several, "A theme's slug; repeat it for stories that have all of them"),
        "country": ({"type": "string", "pattern": "^[A-Za-z]{2}$"}, "ISO 3166-1 alpha-2"),
        "setting": ({"type": "string", "enum": [str(setting) for setting in Setting]}, "Where it happened"),
        "year": ({"type": "integer", "minimum": 0, "maximum": 9999}, "When it happened"),
        "language": (text, "BCP 47, as stored"),
        "campaign": (text, "A campaign's slug"),
        "q": ({"type": "string", "maxLength": 200}, "Words that all stand in the story; “quoted” for a run of words"),
        "without": (several, "A content note that the stories must not have; repeatable"),
        "after": (text, "A cursor: take it from `next`"),
    }
    return [
        {"name": name, "in": "query", "description": about, "schema": schema, "explode": True}
        for name, (schema, about) in wanted.items()
    ]


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "properties": properties}


def _schemas() -> dict[str, Any]:
    text, number, maybe = {"type": "string"}, {"type": "integer"}, {"type": ["string", "null"]}
    cell = {
        "type": ["integer", "null"],
        "description": "null: kept back, because it is small or would give a small one away",
    }
    slugs = {"type": "array", "items": text}
    url = {"type": "string", "format": "uri"}
    return {
        "Story": _object(
            {
                "id": text,
                "url": url,
                "title": maybe,
                "opening": text,
                "text": maybe,
                "language": maybe,
                "country": maybe,
                "year": {"type": ["integer", "null"]},
                "setting": maybe,
                "themes": slugs,
                "content_notes": slugs,
                "released_on": {"type": "string", "format": "date"},
                "heard": number,
                "me_too": number,
                "may_be_quoted": {"type": "boolean"},
            }
        ),
        "Stories": _object(
            {"stories": {"type": "array", "items": STORY}, "next": {"type": ["string", "null"], "format": "uri"}}
        ),
        "Themes": _object(
            {
                "themes": {
                    "type": "array",
                    "items": _object({"slug": text, "name": text, "definition": text, "stories": number, "url": url}),
                }
            }
        ),
        "Places": _object(
            {
                "places": {
                    "type": "array",
                    "items": _object({"country": text, "name": text, "stories": number, "url": url}),
                }
            }
        ),
        "Accountability": _object(
            {
                "before": {"type": "string", "format": "date"},
                "months": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {"month": text, "declined_for": {"type": "object", "additionalProperties": cell}},
                        "additionalProperties": cell,
                    },
                },
                "in_all": {"type": "object", "additionalProperties": cell},
                "in_all_at_least": {"type": "object", "additionalProperties": number},
                "declined_for": {"type": "object", "additionalProperties": cell},
                "declined_for_at_least": {"type": "object", "additionalProperties": number},
                "median_days_waited": {"type": ["number", "null"]},
                "record": {"oneOf": [{"type": "null"}, _object({"number": number, "hash": text})]},
                "heads": {"type": "array", "items": _object({"day": text, "hash": text})},
                "public_now": number,
                "waiting_about": cell,
            }
        ),
        "Problem": _object({"type": text, "title": text, "status": number}),
        "Anything": {"type": "object"},
    }
