"""Telling a story: what is asked, what comes back, what is stored, and that it is stored once."""

from __future__ import annotations

import io
import threading

import pytest
import sqlalchemy as sa

from storyhub.models.queue import Lane
from storyhub.models.story import State, Story, StoryVersion, Use, Wish

WORDS = "On the bus a man stood too close, every morning.\n\nI said <stop it>, and nobody looked. &lt;3"


def look_over(client, text=WORDS, status=200, **facts):
    page = client.open_page("/share").form("/share").fill(text=text).send(status=status)
    if facts and status == 200:
        page = page.client._page(
            page.client.send_form("/share", [*page.form("/share/send").fill(**facts).fields.items(multi=True)]), 200
        )
    return page


def tell(client, text=WORDS, **facts):
    return client.open_page("/share").form("/share").fill(text=text).send().form("/share/send").fill(**facts).send()


def test_the_first_page_has_one_box_and_says_before_it_who_reads_and_where_help_is(client):
    page = client.open_page("/share")
    seen = [
        name
        for name in page.form("/share").names
        if page.html.css(f"textarea[name={name}], input[type=text][name={name}]")
    ]
    assert sorted(seen) == ["text", "website"]  # the second is the trap, out of sight
    before_the_box = page.text.partition("Your story")[0]
    assert "will read it" in before_the_box
    assert "cannot send help" in before_the_box
    assert "Where help is" in before_the_box


def test_the_title_in_a_phones_history_says_nothing(client):
    for path in ("/share", "/receipt"):
        assert "story" not in client.open_page(path).title.lower()


def test_the_check_shows_the_words_exactly_as_they_were_typed(client):
    page = look_over(client)
    assert "I said <stop it>, and nobody looked. &lt;3" in page.text


def test_only_country_and_year_are_shown_unless_more_was_chosen(client):
    facts = {"country": "IN", "happened": "2019-05", "setting": "work", "name": "Asha", "place": "Pune"}
    preview = look_over(client, **facts).html.css_first(".preview").text()
    assert "India" in preview and "2019" in preview
    assert "2019-05" not in preview and "at work" not in preview and "Asha" not in preview and "Pune" not in preview
    chosen = look_over(client, **facts, show=["name", "setting", "month"]).html.css_first(".preview").text()
    assert "Asha" in chosen and "2019-05" in chosen and "at work" in chosen and "Pune" not in chosen


def test_a_told_story_waits_with_all_that_was_told_and_the_wishes_of_its_contributor(client, session, make):
    make.theme("public-transport", "Public transport")
    page = tell(
        client, country="IN", happened="2019-05", setting="transport", title="Every morning", name="Asha", place="Pune",
        themes=["public-transport"], wish="week", consent=["quote", "research"], show=["name"],
    )  # fmt: skip
    assert "has arrived" in page.heading
    story = session.scalars(sa.select(Story)).one()
    version = story.newest
    assert (story.state, story.wish, story.consent) == (State.WAITING, Wish.WEEK, (Use.QUOTE, Use.RESEARCH))
    assert version.text == WORDS
    assert (version.country, version.happened, version.setting) == ("IN", "2019-05", "transport")
    assert (version.title, version.name, version.place, version.show) == ("Every morning", "Asha", "Pune", ["name"])
    assert version.language == "en"
    assert [theme.slug for theme in story.themes()] == ["public-transport"]
    assert story.open_item.lane is Lane.USUAL


def test_the_same_form_sent_twice_shows_the_same_receipt_and_stores_once(client, session, receipt_of):
    form = look_over(client).form("/share/send")
    assert receipt_of(form.send()) == receipt_of(form.send())
    assert session.scalar(sa.select(sa.func.count(Story.id))) == 1


def test_two_sendings_at_the_same_moment_store_once(client, app, session, receipt_of):
    form = look_over(client).form("/share/send")
    fields, receipts_shown = list(form.fields.items(multi=True)), []

    def send():
        other = app.test_client()
        other._cookies = client._cookies.copy()
        response = other.post("/share/send", data=dict(fields), headers={"Origin": "http://127.0.0.1:8000"})
        receipts_shown.append((response.status_code, receipt_of(response)))

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(receipts_shown)) == 1 and receipts_shown[0][0] == 200
    assert session.scalar(sa.select(sa.func.count(Story.id))) == 1


def test_changed_words_are_looked_over_again_before_they_are_sent(client, session):
    page = look_over(client).form("/share/send").fill(text="Quite other words than those before.").send()
    assert "Look it over" in page.heading
    assert session.scalar(sa.select(sa.func.count(Story.id))) == 0
    page.form("/share/send").send()
    assert session.scalars(sa.select(StoryVersion.text)).one() == "Quite other words than those before."


def test_other_words_after_the_first_were_stored_are_a_story_of_their_own(client, session, receipt_of):
    checked = look_over(client)
    first = receipt_of(checked.form("/share/send").send())
    again = checked.form("/share/send").fill(text="Something else that happened to me.").send()
    assert receipt_of(again.form("/share/send").send()) != first
    assert session.scalar(sa.select(sa.func.count(Story.id))) == 2


def test_a_forged_seal_shows_the_check_again_and_stores_nothing(client, session):
    page = look_over(client).form("/share/send").forge(sealed="gAAAAABforged").send()
    assert "Look it over" in page.heading
    assert session.scalar(sa.select(sa.func.count(Story.id))) == 0


@pytest.mark.parametrize("text", ["", "   \n ", "​​‏", "short"])
def test_nothing_or_next_to_nothing_is_asked_for_again(client, session, text):
    page = look_over(client, text=text, status=422)
    assert "text" in page.fields_with_errors()
    assert session.scalar(sa.select(sa.func.count(Story.id))) == 0


def test_too_many_words_come_back_whole_with_their_number(client):
    words = "I was there again. " * 1200
    page = look_over(client, text=words, status=422)
    assert page.value_of("text") == words
    assert str(len(words)) in page.text


def test_twenty_thousand_characters_of_any_script_arrive(client, session):
    words = "كنت هناك. " * 2000
    tell(client, text=words)
    assert session.scalars(sa.select(StoryVersion.text)).one() == words


@pytest.mark.parametrize(
    "wrong",
    [
        {"country": "QQ"}, {"setting": "moon"}, {"happened": "yesterday"}, {"happened": "2019-13"},
        {"happened": "3019"},
        {"wish": "now"}, {"themes": ["no-such-theme"]}, {"consent": ["sell"]}, {"show": ["place"]}, {"language": "€"},
        {"title": "x" * 201},
    ],
)  # fmt: skip
def test_a_fact_that_cannot_be_is_said_at_its_field_and_the_words_come_back(client, session, wrong):
    page = look_over(client).form("/share/send").forge(**wrong).send(status=422)
    assert page.value_of("text") == WORDS
    assert page.html.css(".error")
    assert session.scalar(sa.select(sa.func.count(Story.id))) == 0


def test_a_theme_that_was_retired_meanwhile_is_said_and_nothing_is_lost(client, session, make):
    theme = make.theme("markets", "Markets")
    form = look_over(client).form("/share/send").fill(themes=["markets"])
    theme.retired = True
    session.commit()
    page = form.send(status=422)
    assert "no longer here" in page
    assert page.value_of("text") == WORDS


def test_a_year_may_be_written_in_the_readers_own_numerals(client, session):
    tell(client, happened="٢٠١٩")
    assert session.scalars(sa.select(StoryVersion.happened)).one() == "2019"


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart"])
def test_bytes_that_are_no_text_are_refused_and_what_can_be_read_of_them_comes_back(client, session, kind):
    token = client.open_page("/share").form("/share").value("csrf_token")
    if kind == "multipart":
        broken = {"data": {"csrf_token": token, "text": (b"caf\xe9 was where it began", None)}}
        body = f"--b\r\nContent-Disposition: form-data; name=csrf_token\r\n\r\n{token}\r\n--b\r\n".encode()
        body += b'Content-Disposition: form-data; name="text"\r\n\r\ncaf\xe9 was where it began\r\n--b--\r\n'
        broken = {"data": body, "content_type": "multipart/form-data; boundary=b"}
    else:
        broken = {"data": f"csrf_token={token}&text=caf".encode() + b"\xe9 was where it began", "content_type": kind}
    response = client.post("/share", headers={"Origin": "http://127.0.0.1:8000"}, **broken)
    assert response.status_code == 422
    assert "was where it began" in response.text and "reached us broken" in response.text
    assert session.scalar(sa.select(sa.func.count(Story.id))) == 0


def test_nul_and_other_controls_are_removed_and_the_rest_stays(client, session):
    tell(client, text="It was dark.\x00\x07 I ran‍ home ‮again‬.")
    assert session.scalars(sa.select(StoryVersion.text)).one() == "It was dark. I ran‍ home ‮again‬."


@pytest.mark.parametrize("page_of_form", ["/share", "/share/send"])
def test_a_form_that_waited_too_long_comes_back_with_its_words_and_works_at_the_second_press(
    client, session, page_of_form
):
    page = client.open_page("/share")
    form = page.form("/share").fill(text=WORDS)
    if page_of_form == "/share/send":
        form = form.send().form("/share/send")
    client._cookies.clear()
    again = form.send(status=400)
    assert again.value_of("text") == WORDS
    assert "Nothing you wrote is lost" in again
    if page_of_form == "/share":
        again = again.form("/share").send()
    assert "has arrived" in again.form("/share/send").send().heading
    assert session.scalar(sa.select(sa.func.count(Story.id))) == 1


def test_a_story_told_for_an_open_campaign_belongs_to_it_and_for_any_other_to_none(client, session, make):
    campaign = make.campaign("safe-buses")
    client.open_page("/share?campaign=safe-buses").form("/share").fill(text=WORDS).send().form("/share/send").send()
    client.open_page("/share?campaign=nothing").form("/share").fill(text=WORDS).send().form("/share/send").send()
    assert sorted(map(str, session.scalars(sa.select(Story.campaign_id)))) == sorted([str(campaign.id), "None"])


class TestBeyondLoopback:
    """Beyond this machine nobody is asked for a story before there are people who can read it."""

    @pytest.fixture
    def environment(self, environment):
        return environment | {"STORYHUB_SITE_URL": "https://stories.example.org"}

    def test_telling_stays_shut_until_the_checklist_is_complete(self, client):
        assert "Not open yet" in client.open_page("/share").heading
        response = client.post("/share", headers={"Origin": "https://stories.example.org"}, data={"text": WORDS})
        assert response.status_code == 403


def test_a_second_sending_with_other_choices_says_that_the_first_ones_stand(client, session, receipt_of):
    form = look_over(client).form("/share/send")
    first = form.send()
    assert "stays as you sent it then" not in form.send()
    again = form.fill(wish="count").send()
    assert receipt_of(again) == receipt_of(first)
    assert "stays as you sent it then" in again and "is not shown to anybody else" not in again
    assert "stays as you sent it then" in form.fill(wish="publish", consent=["press"]).send()
    assert session.scalars(sa.select(Story.wish)).one() is Wish.PUBLISH


def test_a_story_that_was_taken_back_is_told_anew_only_after_another_look(client, session, receipt_of):
    form = look_over(client).form("/share/send")
    first = receipt_of(form.send())
    state = client.open_page("/receipt").form("/receipt").fill(receipt=first).send()
    state.form("withdrawal").send().form("withdrawal").send("step=sure")
    looked_over = form.send()
    assert "nothing was sent now" in looked_over and "has arrived" not in looked_over
    assert session.scalars(sa.select(Story.state)).all() == [State.WITHDRAWN]
    assert receipt_of(looked_over.form("/share/send").send()) != first
    assert sorted(session.scalars(sa.select(Story.state))) == [State.WAITING, State.WITHDRAWN]


def test_a_file_in_place_of_words_is_no_story(client, session):
    token = client.open_page("/share").value_of("csrf_token")
    response = client.post(
        "/share",
        data={"csrf_token": token, "text": (io.BytesIO(b"words in a file"), "story.txt")},
        headers={"Origin": "http://127.0.0.1:8000"},
    )
    assert response.status_code == 422


def test_what_no_page_offers_loses_no_words_on_any_database(client, session):
    form = look_over(client).form("/share/send").forge(language="aa" + "-abcdefgh" * 6)
    assert "aa-abcdefgh" in str(form.send(status=422).form("/share/send").fields)
    form.forge(language="", campaign="\0nothing").send()
    assert session.scalars(sa.select(StoryVersion.text)).one() == WORDS


def test_whoever_finds_the_form_days_later_is_not_given_the_receipt(client, session, receipt_of, held_clock):
    form = look_over(client).form("/share/send")
    receipt = receipt_of(form.send())
    held_clock.forward(hours=25)
    page = form.send(status=400).form("/share/send").send()
    assert "has arrived" in page.heading
    assert "not shown again" in page
    assert receipt[:4] not in page.text
    assert session.scalar(sa.select(sa.func.count(Story.id))) == 1


def test_the_languages_bare_address_is_its_front_page(client):
    assert client.open_page("/ar").html.css_first("html").attributes["dir"] == "rtl"
