"""The API: what it gives, to whom, and that its description is true."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from tests.feed.test_story import address
from tests.makers import Maker
from tests.pages import PagesClient

FIELDS = {
    *("id", "url", "title", "opening", "text", "language", "country", "year", "setting", "themes", "content_notes"),
    *("released_on", "heard", "me_too", "may_be_quoted"),
}


def ask(client: PagesClient, path: str, status: int = 200) -> Any:
    answer = client.get(path)
    assert answer.status_code == status, answer.data
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    return answer.get_json(force=True)


def test_a_story_has_the_promised_fields_and_no_others(client: PagesClient, make: Maker, held_clock: Any) -> None:
    story = make.story(
        "Told.\n\nAll of it.",
        state="published",
        themes=["buses"],
        country="KE",
        happened="2019-05",
        place="Mill Lane",
        name="Amina",
        setting="work",
        notes=["racism"],
        consent=["quote"],
    )
    found = ask(client, f"/api/v1{address(story)}")
    assert found.keys() == FIELDS
    site = client.application.extensions["settings"].site_url
    assert found == found | {
        "id": address(story).rpartition("/")[2],
        "url": site + address(story),
        "opening": "Told.\n\nAll of it.",
        "text": None,
        "country": "KE",
        "year": 2019,
        "setting": None,
        "themes": ["buses"],
        "content_notes": ["racism"],
        "released_on": "2026-03-05",
        "may_be_quoted": True,
    }
    listed = ask(client, "/api/v1/stories")
    assert listed == {"stories": [found], "next": None}


def test_full_words_only_where_they_were_allowed(client: PagesClient, make: Maker) -> None:
    make.story("A. " * 400, state="published", consent=["full"])
    make.story("B. " * 400, state="published", consent=["quote", "press", "research"])
    for story in ask(client, "/api/v1/stories")["stories"]:
        assert len(story["opening"]) <= 280
        assert (story["text"] is not None) == story["opening"].startswith("A")


def test_its_cursor_walks_through_all_stories_once(client: PagesClient, make: Maker) -> None:
    for _ in range(53):
        make.story(state="published", country="KE")
    site, path, seen = client.application.extensions["settings"].site_url, "/api/v1/stories?country=KE", []
    while path:
        found = ask(client, path)
        seen += [story["id"] for story in found["stories"]]
        path = (found["next"] or "").removeprefix(site)
    assert len(set(seen)) == len(seen) == 53


def test_stories_that_share_themes(client: PagesClient, make: Maker) -> None:
    story = make.story(state="published", themes=["buses"])
    other = make.story(state="published", themes=["buses"])
    found = ask(client, f"/api/v1{address(story)}/related")
    assert [one["id"] for one in found["stories"]] == [address(other).rpartition("/")[2]]


def test_themes_and_places_are_counted(client: PagesClient, arabic: PagesClient, make: Maker) -> None:
    make.theme("buses", "Buses", arabic="الحافلات")
    make.story(state="published", themes=["buses"], country="KE")
    make.story(state="waiting", themes=["buses"], country="KE")
    (theme,) = ask(client, "/api/v1/themes")["themes"]
    assert (theme["slug"], theme["name"], theme["stories"]) == ("buses", "Buses", 1)
    (place,) = ask(client, "/api/v1/places")["places"]
    assert (place["country"], place["name"], place["stories"]) == ("KE", "Kenya", 1)
    assert ask(arabic, "/api/v1/themes")["themes"][0]["name"] == "الحافلات"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("stories?theme=none", 404),
        ("stories?year=soon", 400),
        ("stories?after=x", 400),
        ("stories/0000000000001", 404),
        ("stories/0000000000001/related", 404),
    ],
)
def test_problems_are_told_as_rfc_9457(client: PagesClient, path: str, status: int) -> None:
    found = ask(client, f"/api/v1/{path}", status)
    assert found["status"] == status
    assert found["title"]
    assert client.get(f"/api/v1/{path}").content_type == "application/problem+json"


def test_an_unknown_address_is_told_in_the_same_way(client: PagesClient) -> None:
    answer = client.get("/api/v1/nothing")
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")


def test_it_is_kept_and_tagged_like_pages(client: PagesClient) -> None:
    answer = client.get("/api/v1/stories")
    assert answer.headers["Cache-Control"].startswith("public")
    again = client.get("/api/v1/stories", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert "no-store" in client.get("/api/v1/stories?q=bus").headers["Cache-Control"]


def test_its_description_names_every_address_and_answer(app: Flask, client: PagesClient, make: Maker) -> None:
    described = ask(client, "/api/v1/openapi.json")
    assert described["openapi"].startswith("3.1.")
    routes = {
        re.sub(r"<(?:\w+:)?(\w+)>", lambda found: "{id}" if found[1] == "story_id" else found[0], rule.rule)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
    }
    assert set(described["paths"]) == routes
    story = make.story(state="published", themes=["buses"], country="KE")
    schemas = described["components"]["schemas"]
    for path, methods in described["paths"].items():
        operation = methods["get"]
        assert set(re.findall(r"{(\w+)}", path)) == {p["name"] for p in operation["parameters"] if p["in"] == "path"}
        reference = operation["responses"]["200"]["content"]["application/json"]["schema"]
        answer = ask(client, path.replace("{id}", address(story).rpartition("/")[2]))
        assert_fits(answer, reference, schemas)


def assert_fits(value: Any, schema: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Whether a value is as its schema says, for the few words of JSON Schema that the description uses."""
    if "$ref" in schema:
        return assert_fits(value, schemas[schema["$ref"].rpartition("/")[2]], schemas)
    if "oneOf" in schema:
        nothing, something = schema["oneOf"]
        return assert_fits(value, nothing if value is None else something, schemas)
    kinds = {
        "string": str,
        "integer": int,
        "number": (int, float),
        "boolean": bool,
        "null": type(None),
        "object": dict,
        "array": list,
    }
    wanted = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    assert any(isinstance(value, kinds[kind]) for kind in wanted), (value, schema)
    if isinstance(value, dict) and "properties" in schema:
        assert set(schema.get("required", ())) <= value.keys()
        if "additionalProperties" not in schema:
            assert value.keys() <= schema["properties"].keys(), value.keys() - schema["properties"].keys()
        for name, part in schema["properties"].items():
            if name in value:
                assert_fits(value[name], part, schemas)
    if isinstance(value, list):
        for one in value:
            assert_fits(one, schema["items"], schemas)
    return None


FILTERS = ("theme", "country", "setting", "year", "language", "campaign", "q", "without", "after", "open", "other")
VALUES = st.sampled_from(
    ["", "buses", "KE", "2019", "fr", "work", "7zzzzzzzzzzzz", "zzzzzzzzzzzzz", '"', "*", "\0", "٢٠١٩", "a" * 300]
) | st.text(max_size=30)
PATHS = (
    "/",
    "/search",
    "/api/v1/stories",
    "/themes/buses",
    "/places/KE",
    "/feed.atom",
    "/feed.json",
    "/campaigns/spring",
)


def test_no_question_breaks_anything(client: PagesClient, make: Maker) -> None:
    make.campaign("spring")
    make.story("Once upon a bus.", state="published", themes=["buses"], country="KE", happened="2019")

    @given(st.sampled_from(PATHS), st.lists(st.tuples(st.sampled_from(FILTERS), VALUES), max_size=6))
    def ask_anything(path: str, pairs: list[tuple[str, str]]) -> None:
        answer = client.get(path, query_string=[(n, v.encode("utf-8", "replace").decode()) for n, v in pairs])
        assert answer.status_code in (200, 400, 404, 429)

    ask_anything()


@pytest.mark.parametrize("raw", ["q=%ff", "q=%c3%28", "theme=%ff&after=%fe", "%ff=%ff", "q=%00", "&&&", "=", "after=%"])
def test_bytes_that_are_no_text_break_nothing(client: PagesClient, raw: str) -> None:
    for path in ("/", "/search", "/api/v1/stories"):
        assert client.get(f"{path}?{raw}").status_code in (200, 400, 404)
