"""The nouns: what StoryHub keeps, and the verbs that change it together with the record of the change."""

from storyhub.models import decision, export, job, people, publication, queue, search, selection, site, story, theme

__all__ = [
    "decision",
    "export",
    "job",
    "people",
    "publication",
    "queue",
    "search",
    "selection",
    "site",
    "story",
    "theme",
]
