"""The search for what no theme covers, as work that takes minutes: read, find, keep.

What takes long is done while nothing is held. What was found is kept in one transaction, and looked at again there: a
story that was taken back or changed meanwhile is in no group, and words that only such stories held are not kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.models.discovered import DiscoveredGroup, Discovery, GroupState, GroupStory, alike, words_left
from storyhub.models.long_work import Refused, order_work
from storyhub.models.publication import Publication
from storyhub.models.site import the_site
from storyhub.models.story import StoryVersion
from storyhub.models.theme import Theme
from storyhub.protection import identifiers
from storyhub.text import discovering as finding
from storyhub.themes.discovering import WITHIN, WITHOUT, how_many, looked_at

KIND = "discover"
AT_ONCE = 500

Steps = Iterator["tuple[int, int | None] | dict[str, Any]"]


def order_discovery(
    session: Session, look: str = WITHOUT, theme: str = "", *, fine: bool = False, by: int | None
) -> Any:
    """Ask for a search. Doesn't commit."""
    return order_work(session, KIND, by=by, look=look, theme=theme if look == WITHIN else "", fine=fine)


def discover(session: Session, arguments: dict[str, Any], by: int | None) -> Steps:
    """LongWork of the kind "discover": its result has `url` and `discovery`, and is kept with what was found."""
    look, slug, fine = arguments.get("look", WITHOUT), arguments.get("theme", ""), bool(arguments.get("fine"))
    theme_id = None
    if look == WITHIN:
        theme_id = session.scalar(sa.select(Theme.id).filter_by(slug=slug))
        if theme_id is None:
            raise Refused("theme-gone")
    if how_many(session, look, theme_id) < finding.ENOUGH:
        raise Refused("too-few-stories")
    version_ids = list(session.scalars(looked_at(look, theme_id)))
    session.rollback()  # reading and finding take longer than anything should be held
    texts: list[str] = []
    spoken: list[str | None] = []
    there: list[int] = []
    total = len(version_ids) * 4
    for start in range(0, len(version_ids), AT_ONCE):
        for version_id, title, text, language in _words(session, version_ids[start : start + AT_ONCE]):
            there.append(version_id)
            texts.append(f"{title}\n{text or ''}" if title else text or "")
            spoken.append(language)
        session.rollback()
        yield start, total
    going_on = finding.steps(texts, spoken, fine=fine)
    found: finding.Discovered | None = None
    while found is None:
        try:
            done, _total = next(going_on)
            yield min(total, len(version_ids) + done), total
        except StopIteration as over:
            found = over.value
    del texts
    asked = {"look": look, "theme": slug, "fine": fine}
    discovery = keep(session, found, there, asked, by=by)
    shown = identifiers.shown(discovery.id)
    yield {"url": f"/organise/discoveries/{shown}", "discovery": shown}


def _words(session: Session, version_ids: Sequence[int]) -> list[Any]:
    chosen = (
        sa.select(Publication.version_id, StoryVersion.title, StoryVersion.text, Publication.language)
        .join(StoryVersion, StoryVersion.id == Publication.version_id)
        .where(Publication.version_id.in_(version_ids))
    )
    return list(session.execute(chosen))


def keep(
    session: Session, found: finding.Discovered, version_ids: Sequence[int], asked: dict[str, Any], *, by: int | None
) -> Discovery:
    """Keep what was found about these versions, of those that are public still. Doesn't commit.

    Under the site's row, which whoever takes a public story back takes before anything else goes: what they took back
    is then not in it, or goes out of it with the rest. It only adds rows, and so waits for nobody meanwhile.
    """
    the_site(session, lock=True)
    public = _public(session, version_ids)
    discovery = Discovery(
        day=clock.today(), by_id=by, method=found.method, asked=asked, too_few=found.too_few,
        stories=len(public), without_group=0,
    )  # fmt: skip
    session.add(discovery)
    session.flush()
    grouped: set[int] = set()
    members: dict[int, list[int]] = {}
    groups: list[DiscoveredGroup] = []
    for made in found.groups:
        rows = [
            {"version_id": version_ids[place], "typical": typical, "holds": holds, "given": False}
            for place, typical, holds in zip(made.members, made.typical, made.holds, strict=True)
            if version_ids[place] in public
        ]
        if len(rows) < finding.SMALLEST:
            continue
        group = DiscoveredGroup(
            discovery_id=discovery.id,
            place=len(groups) + 1,
            language=made.language,
            words=words_left(made.words, [row["holds"] for row in rows], with_gaps=True),
            count=len(rows),
            across=round(1_000 * made.at[0]),
            down=round(1_000 * made.at[1]),
            state=GroupState.OPEN,
        )
        session.add(group)
        session.flush()
        session.execute(sa.insert(GroupStory), [row | {"group_id": group.id} for row in rows])
        groups.append(group)
        members[group.id] = [row["version_id"] for row in rows]
        grouped |= set(members[group.id])
    for group_id, like_id in alike(session, members).items():
        next(group for group in groups if group.id == group_id).like_id = like_id
    discovery.without_group = len(public) - len(grouped)
    session.flush()
    return discovery


def _public(session: Session, version_ids: Sequence[int]) -> set[int]:
    found: set[int] = set()
    for start in range(0, len(version_ids), AT_ONCE):
        some = version_ids[start : start + AT_ONCE]
        found |= set(session.scalars(sa.select(Publication.version_id).where(Publication.version_id.in_(some))))
    return found
