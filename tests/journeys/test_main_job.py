"""The main job from end to end, through real pages, forms and sessions, without scripts, in both languages."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.journeys.steps import come_in, command, look_up, next_story, rows_of, sign_in_again, state_on, tell
from tests.makers import Maker
from tests.pages import PagesClient, receipt_shown

TOLD = (
    "Every morning on the number 9 bus, Ben Miller stood too close.\n\nI said <stop it>. Nobody looked up; "
    "&lt;3 to the driver who did."
)
TOLD_IN_ARABIC = "كل صباح في الحافلة رقم ٩ كان سامي حداد يقف قريبا جدا عند محل الزنبق.\n\nقلت له: كفى. لم ينظر أحد."
LANGUAGES = {
    "English": ("client", TOLD, "Ben Miller", "stop it", "en"),
    "Arabic": ("arabic", TOLD_IN_ARABIC, "سامي حداد", "الزنبق", "ar"),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_story_goes_all_the_way_and_is_taken_back(
    request: pytest.FixtureRequest, app: Flask, make: Maker, language: str
) -> None:
    """
    Given a theme, a moderator and an organiser,
    when somebody tells a story and a moderator hides a name in it, sets its theme and publishes it,
    then everybody can read the published words and nothing else, wherever stories are read,
    and the receipt says what became of it,
    and an organiser takes the theme out as a file;
    and when its contributor takes it back, it is gone everywhere and the organiser sees which file held it.
    """
    fixture, told, name, word, code = LANGUAGES[language]
    contributor: PagesClient = request.getfixturevalue(fixture)
    moderator, organiser, reader = (app.test_client() for _ in range(3))
    assert isinstance(moderator, PagesClient) and isinstance(organiser, PagesClient) and isinstance(reader, PagesClient)
    for somebody in (moderator, organiser, reader):
        somebody.prefix = contributor.prefix
    make.theme("buses", "On buses and trains", arabic="في الحافلات والقطارات")

    # Told
    assert come_in(moderator, app, "Ruth", "moderator").status == 200
    facts = {"country": "KE", "happened": "2021-04", "place": "Kisumu", "wish": "publish", "consent": ["quote"]}
    receipt = tell(contributor, told, **facts)
    assert state_on(look_up(contributor, receipt)) == "waiting"
    assert word not in reader.open_page("/").text

    # Moderated
    sheet = next_story(moderator)
    assert word in sheet and name in sheet and "Kisumu" in sheet
    sheet = sheet.form("/redaction").fill(words=name).send()
    assert name not in sheet.html.css_first("#story").text()
    sheet.form("/publication").fill(themes=["buses"]).send()

    # Read
    page = reader.open_page("/")
    address = next(link for link in page.links.values() if "/stories/" in link)
    story_id = address.rstrip("/").rpartition("/")[2]
    story = reader.open_page(address)
    mark = story.words_told[0].partition(told.partition(name)[0])[2].partition(told.partition(name)[2])[0]
    assert story.words_told == [told.replace(name, mark)]
    assert mark and name not in mark
    read_at = (address, "/", "/themes/buses", "/places/KE", f"/search?q={word}", "/feed.atom", "/feed.json",
               "/themes/buses/feed.atom", "/api/v1/stories", f"/api/v1/stories/{story_id}")  # fmt: skip
    for path in read_at:
        seen = reader.get(path).get_data(as_text=True)
        assert story_id in seen, path
        for secret in (name, "Kisumu", "2021-04", receipt):
            assert secret not in seen, f"{secret} is at {path}"
    assert story.html.css_first(".told").attributes["lang"] == code
    assert state_on(look_up(contributor, receipt)) == "published"

    # Taken out
    assert come_in(organiser, app, "Olu", "organiser").status == 200
    form = organiser.open_page("/organise/exports").form("/organise/exports")
    file = form.fill(theme="buses", purpose="quote", format="csv").send().response
    (row,) = rows_of(file.data)
    assert (row["id"], row["text"], row["country"], row["themes"]) == (story_id, story.words_told[0], "KE", "buses")
    assert name not in file.get_data(as_text=True)

    # Taken back
    state = look_up(contributor, receipt)
    held = state.form("/receipt/words").send()
    assert name in held and mark in held, "its holder sees what was told and what was hidden"
    assert (
        state_on(held.form("/receipt/withdrawal").send().form("/receipt/withdrawal").send("step=sure")) == "withdrawn"
    )
    for path in read_at:
        response = reader.get(path)
        found = response.get_data(as_text=True)
        assert word not in found.replace(f"q={word}", "").replace(f'value="{word}"', "") or response.status_code >= 400
        assert response.status_code in (200, 404, 410)
        assert f"/stories/{story_id}" not in found or response.status_code >= 400, path
    assert reader.get(address).status_code in (404, 410)
    exports = organiser.open_page("/organise/exports")
    left = next(link for link in exports.links.values() if "/organise/exports/" in link)
    assert story_id in organiser.open_page(left)
    again = organiser.open_page("/organise/exports").form("/organise/exports")
    assert story_id not in again.fill(theme="buses", purpose="quote").send(status=None).text


def test_a_declined_story_brings_its_contributor_a_kind_letter(app: Flask, client: PagesClient) -> None:
    """
    Given a story that waits,
    when a moderator declines it for a reason of the policy,
    then nobody reads it, and the receipt shows the reason, the letter and where help is.
    """
    receipt = tell(client, "Buy my shoes at example dot invalid, they are very good shoes.")
    moderator = app.test_client()
    assert isinstance(moderator, PagesClient)
    come_in(moderator, app, "Ruth", "moderator")
    next_story(moderator).form("/decline").fill(reason="advertising").send()
    state = look_up(client, receipt)
    assert state_on(state) == "declined"
    assert state.html.css_first(".letter") is not None
    assert "/support" in " ".join(state.links.values())
    assert "shoes" not in client.open_page("/").text


def test_a_moderator_comes_back_with_name_password_and_code(app: Flask, client: PagesClient) -> None:
    """
    Given a moderator who came in by an invitation and left,
    when they sign in again,
    then they stand at the desk; and the link of the invitation opens nothing any more.
    """
    come_in(client, app, "Ruth", "moderator")
    client.open_page("/desk/").form("sign-out").send()
    assert client.get("/desk/").status_code == 302
    sign_in_again(client, app, "Ruth")
    assert client.get("/desk/").status_code == 200


def test_what_was_decided_can_be_undone(app: Flask, client: PagesClient) -> None:
    """
    Given a story that was published by mistake,
    when the moderator undoes it,
    then it waits again and nobody can read it, and both decisions stay on the record.
    """
    receipt = tell(client, "The conductor laughed when I asked him to stop.")
    moderator = app.test_client()
    assert isinstance(moderator, PagesClient)
    come_in(moderator, app, "Ruth", "moderator")
    next_story(moderator).form("/publication").send()
    assert "conductor" in client.open_page("/").text
    decided = moderator.open_page("/desk/decided")
    item = decided.follow(next(words for words, url in decided.links.items() if "/desk/items/" in url))
    item.form("/undo").send()
    assert "conductor" not in client.open_page("/").text
    assert state_on(look_up(client, receipt)) == "waiting"
    command(app, "decisions", "verify")


def test_a_story_that_is_only_to_be_counted_is_read_by_one_person_alone(app: Flask, client: PagesClient) -> None:
    """
    Given somebody who wishes to be counted and not published,
    when a moderator has read the story,
    then it is public nowhere, and the receipt says that it was counted.
    """
    receipt = tell(client, "It happened at the pool. Please only count me.", wish="count")
    moderator = app.test_client()
    assert isinstance(moderator, PagesClient)
    come_in(moderator, app, "Ruth", "moderator")
    next_story(moderator).form("/publication").send()
    assert "pool" not in client.open_page("/").text
    assert state_on(look_up(client, receipt)) == "counted"


def test_the_receipt_is_the_same_when_the_answer_was_lost(client: PagesClient) -> None:
    """
    Given somebody whose network broke just after sending,
    when they press the button again,
    then they see the receipt, and it opens the one story that was stored.
    """
    form = client.open_page("/share").form("/share").fill(text="The lift doors closed and he grinned.").send()
    sending = form.form("/share/send")
    lost = receipt_shown(sending.send())  # this page never reached them
    assert receipt_shown(sending.send()) == lost
    assert state_on(look_up(client, lost)) == "waiting"
