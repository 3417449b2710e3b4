"""The yardstick: a bare Flask page of the newest twenty stories, with SQL written by hand and nothing else."""

import os
import sqlite3
import threading
from typing import Any

from flask import Flask

NEWEST = """
SELECT p.story_id, p.released_on, p.country, p.year, p.language, v.title, v.text, p.heard, p.me_too,
       (SELECT group_concat(t.slug, ', ') FROM published_themes pt JOIN themes t ON t.id = pt.theme_id
        WHERE pt.position = p.position) AS themes
FROM publications p JOIN story_versions v ON v.id = p.version_id
ORDER BY p.position DESC LIMIT 20
"""
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Stories</title></head><body><h1>Stories</h1>
{% for story in stories %}<article lang="{{ story.language }}">
<h2><a href="/stories/{{ story.story_id }}">{{ story.title or "A story" }}</a></h2>
<p>{{ story.text[:280] }}</p>
<p>{{ story.country }} {{ story.year }} {{ story.themes }}</p>
<p>{{ story.released_on }} {{ story.heard }} {{ story.me_too }}</p>
</article>{% endfor %}</body></html>"""

app = Flask(__name__)
page = app.jinja_env.from_string(PAGE)
opened = threading.local()


def database() -> sqlite3.Connection:
    if not hasattr(opened, "database"):
        opened.database = sqlite3.connect(f"file:{os.environ['BENCH_DATABASE']}?mode=ro", uri=True)
        opened.database.row_factory = sqlite3.Row
    connection: sqlite3.Connection = opened.database
    return connection


@app.get("/")
def newest() -> Any:
    return page.render(stories=database().execute(NEWEST).fetchall())
