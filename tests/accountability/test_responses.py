"""Responses on pages: written down with care, looked at before they are public, and never taken for a story."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from storyhub.accountability.answers import is_safe_address
from storyhub.extensions import db
from storyhub.models.figures import kept_of_edition
from storyhub.models.people import Person, Role
from storyhub.models.response import Response, ResponseVersion
from storyhub.protection.identifiers import shown
from storyhub.text import incoming
from tests.makers import Maker
from tests.pages import Form, Page, PagesClient
from tests.text.naughty import INJECTIONS

SignIn = Callable[[PagesClient, Person], PagesClient]
WORDS = "We have read it.\n\nNothing <b>else</b> for now."
ARABIC = "قرأنا ما رُوي هنا.\n\nوسنجيب في الربيع."


@pytest.fixture
def organiser(client: PagesClient, make: Maker, sign_in: SignIn, held_clock: Any) -> PagesClient:
    """The browser of an organiser, on 5 March 2026, on a site that has a theme."""
    make.theme("buses", "Buses", arabic="الحافلات")
    return sign_in(client, make.organiser("Olu"))


def writing(organiser: PagesClient, **fields: Any) -> Form:
    """The form, filled in as it should be but for these fields."""
    usual = {"who": "institution", "institution": "Harbour Transport", "kind": "answer", "wording": "theirs"}
    usual |= {"given_on": "2026-03-01", "themes": ["buses"], "text": WORDS}
    return organiser.open_page("/organise/responses/new").form("/organise/responses").fill(usual | fields)


def path_of(response: Response) -> str:
    return f"/responses/{shown(response.id)}"


# Written down


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"institution": " \u200b "}, "Please say which institution it is."),
        ({"text": " \n\u200b"}, "Please write down the words."),
        ({"text": "a" * 20_001}, "There is room for 20000 characters."),
        ({"given_on": "2026-03-06"}, "This day is still to come."),
        ({"given_on": "soon"}, "Please give a day as year-month-day, such as 2026-03-31."),
        ({"kind": "commitment", "until": "2026-02-28"}, "This is before the day on which it was given."),
        ({"until": "2026-06-30"}, "Only a promise has a day until which it is to be kept."),
        ({"themes": []}, "it has to answer something"),
        ({"source": "http://transport.example/"}, "begins with https://"),
        ({"source": "javascript:alert(1)"}, "begins with https://"),
        ({"who": "organisers", "kind": "refused"}, "you are answering now"),
        ({"kind": "silent"}, "They have not answered, so these are your words."),
    ],
)
def test_what_is_not_right_is_said_and_nothing_that_was_written_is_lost(
    organiser: PagesClient, session: Session, fields: dict[str, Any], wrong: str
) -> None:
    page = writing(organiser, **fields).send(status=422)
    assert wrong in page
    assert "Nothing you wrote is lost." in page
    assert page.value_of("text") == (fields.get("text", WORDS).strip() if "text" in fields else WORDS)
    assert page.value_of("given_on") == fields.get("given_on", "2026-03-01")
    assert session.scalar(sa.select(Response.id)) is None


def test_what_no_page_of_ours_would_send_is_refused(organiser: PagesClient, session: Session) -> None:
    for forged in ({"kind": "lie"}, {"who": "nobody"}, {"themes": ["none"]}, {"country": "XX"}, {"language": "<b>"}):
        writing(organiser).forge(**forged).send(status=422)
    assert session.scalar(sa.select(Response.id)) is None


@pytest.mark.parametrize(
    "address", ["https://a.example", "HTTPS://a.example/b?c=d#e", "https://xn--e1afmkfd.example/%D8"]
)
def test_addresses_that_readers_can_be_led_to(address: str) -> None:
    assert is_safe_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "http://a.example", "javascript:alert(1)", "//a.example", "https:a.example", "https://", "https:///x",
        "https://a.example@evil.example/", "https://a.example\\@evil.example", "https://localhost/", "ftp://a.example",
        "https://a.example/ b", 'https://a.example/"', "https://[a.example", "https://a.example:x/", "data:text/html,x",
        "https://\u202eelpmaxe.a/", "https://a.example/\u2066b", "https://a.exa\u00admple/", "https://%00.example/",
        "https://[v1.a.b]/",
    ],
)  # fmt: skip
def test_addresses_that_nobody_is_led_to(address: str) -> None:
    assert not is_safe_address(address)


def test_what_the_organisers_answer_is_in_their_own_words_and_names_no_institution(
    organiser: PagesClient, another_client: PagesClient
) -> None:
    page = writing(organiser, who="organisers", kind="done").send()
    page.form("/publication").send()
    page = another_client.open_page("/responses")
    assert "The organisers of this site What was done Given on March 1, 2026" in page
    assert "Harbour Transport" not in page and "own words" not in page
    assert page.html.css_first(".response.h-entry blockquote") is None


def test_words_in_another_script_run_their_own_way(
    organiser: PagesClient, another_client: PagesClient, arabic: PagesClient
) -> None:
    writing(organiser, text=ARABIC).send().form("/publication").send()
    writing(organiser, text=WORDS).send().form("/publication").send()
    for reader in (another_client, arabic):
        page = reader.open_page("/themes/buses")
        runs = {(one.attributes["lang"], one.attributes["dir"]) for one in page.html.css(".response-words")}
        assert runs == {("ar", "rtl"), ("en", "ltr")}
    assert "الحافلات" in arabic.open_page("/responses")


def test_whatever_is_written_comes_back_as_words(make: Maker, client: PagesClient) -> None:
    text = incoming.clean("\n\n".join(INJECTIONS))
    response = make.response(text, themes=["buses"], institution="<script>alert(1)</script>")
    assert client.open_page(path_of(response)).words_told == [text]
    response.take_back("<img src=x onerror=alert(2)>", by=None)
    make.session.commit()
    assert "because: <img src=x onerror=alert(2)>" in client.open_page("/responses")


# Before it is public, and after


def test_a_draft_can_be_changed_and_thrown_away_and_nobody_ever_saw_it(
    organiser: PagesClient, another_client: PagesClient, session: Session
) -> None:
    page = writing(organiser).send()
    there = f"/responses/{page.path.rpartition('/')[2]}"
    page = page.follow("Change it")
    assert page.form("/words").values("themes") == ["buses"]
    page = page.form("/words").fill(text="Other words.").send()
    assert page.words_told == ["Other words."]
    another_client.open_page(there, 404)
    assert "Other words." not in another_client.open_page("/themes/buses")
    assert "thrown away" in page.form("/removal").send()
    assert session.scalar(sa.select(ResponseVersion.id)) is None


def test_of_two_who_decide_at_once_one_is_told_that_the_other_was_first(
    organiser: PagesClient, make: Maker, session: Session
) -> None:
    page = writing(organiser).send()
    looked_at = page.form("/publication")
    page.follow("Change it").form("/words").fill(text="Something else.").send()
    looked_at.send(status=409)
    assert session.scalars(sa.select(Response.published_on)).one() is None, "nobody has seen what would be public"
    for revision in ("", "x", "²", "9" * 30):
        looked_at.forge(revision=revision).send(status=409)
    public = make.response(themes=["buses"])
    page = organiser.open_page(f"/organise/responses/{shown(public.id)}")
    for action in ("/return", "/publication", "/removal"):
        form = page.form("/taking-back")
        form.action = form.action.replace("/taking-back", action)
        form.send(status=409)


def test_it_is_taken_back_with_a_reason_or_not_at_all(organiser: PagesClient, make: Maker, session: Session) -> None:
    response = make.response(themes=["buses"])
    form = organiser.open_page(f"/organise/responses/{shown(response.id)}").form("/taking-back")
    page = form.fill(because=" \u200b").send(status=422)
    assert "Please say why, for everybody who read it." in page
    assert page.fields_with_errors() == ["because"]
    session.expire_all()
    assert response.taken_back_on is None


def test_a_mistake_in_what_stood_before_can_be_hidden_and_shown_again(
    organiser: PagesClient, another_client: PagesClient, make: Maker
) -> None:
    response = make.response("Anna Miller told us of it.", themes=["buses"])
    response.write(response.public.given)
    response.draft.text = "Somebody told us of it."
    response.publish(by=None)
    make.session.commit()
    desk = f"/organise/responses/{shown(response.id)}"
    assert "Anna Miller" in another_client.open_page(path_of(response))
    page = organiser.open_page(desk).form("/hiding").fill(because="").send(status=422)
    page.form("/hiding").fill(because="It named somebody.").send()
    page = another_client.open_page(path_of(response))
    assert "Anna Miller" not in page
    assert "Earlier words were hidden on March 5, 2026, because: It named somebody." in page
    assert page.words_told == ["Somebody told us of it."]
    organiser.open_page(desk).form("/showing").send()
    assert "Anna Miller" in another_client.open_page(path_of(response))


def test_each_earlier_version_says_from_when_until_when_it_stood(
    client: PagesClient, make: Maker, held_clock: Any
) -> None:
    response = make.response("One.", themes=["buses"])
    for text in ("Two.", "Three."):
        held_clock.forward(days=1)
        response.write(response.public.given)
        response.draft.text = text
        response.publish(by=None)
    make.session.commit()
    page = client.open_page(path_of(response))
    assert page.words_told == ["Three.", "Two.", "One."]
    stood = [one.text().strip() for one in page.html.css("details .response-days")]
    assert stood == [
        "It stood here from March 6, 2026 until March 7, 2026",
        "It stood here from March 5, 2026 until March 6, 2026",
    ]
    assert "Here since March 5, 2026" in page


def test_a_change_of_what_is_taken_back_waits_until_it_is_back(organiser: PagesClient, make: Maker) -> None:
    response = make.response(themes=["buses"])
    desk = f"/organise/responses/{shown(response.id)}"
    page = organiser.open_page(desk).form("/taking-back").fill(because="A mistake.").send()
    page.client.open_page(f"{desk}/words").form("/words").fill(text="New words.").send()
    page = organiser.open_page(desk)
    assert not page.has_form("/publication")
    page.form("/return").send().form("/publication").send()
    make.session.expire_all()
    assert (response.public.text, len(response.earlier)) == ("New words.", 1)


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.SAFEGUARDING_LEAD, Role.GUEST_CURATOR])
def test_whoever_does_not_organise_has_no_such_room(
    client: PagesClient, make: Maker, sign_in: SignIn, role: Role
) -> None:
    response = make.response(themes=["buses"])
    sign_in(client, make.person("Mo", role))
    for path in ("", "/new", f"/{shown(response.id)}", f"/{shown(response.id)}/words"):
        client.open_page(f"/organise/responses{path}", 403)


def test_what_is_not_there_is_a_page(organiser: PagesClient, make: Maker) -> None:
    public, draft = make.response(themes=["buses"]), make.response(themes=["buses"], public=False)
    for path in (
        path_of(draft), "/responses/0000000000zzz", "/responses/x", "/responses?theme=none", "/responses?country=XX",
        "/responses?country=ke", "/responses?after=0000000000zzz", f"/responses?after={shown(draft.id)}",
        "/organise/responses/0000000000zzz", "/organise/responses/0000000000zzz/words",
    ):  # fmt: skip
        organiser.open_page(path, 404)
    for path in ("/responses?theme=%00", "/responses?theme=A+b", "/responses?after=x", "/responses?after=%00"):
        organiser.open_page(path, 400)
    form = organiser.open_page(f"/organise/responses/{shown(public.id)}").form("/taking-back")
    form.action = form.action.replace("/taking-back", "/versions/0000000000zzz/hiding")
    form.fill(because="A mistake.").send(status=404)


# What readers see


def test_nothing_that_gathers_stories_gathers_a_response(client: PagesClient, make: Maker) -> None:
    for number in range(2):
        make.story(state="published", themes=["buses"], country="KE")
        make.response(str(number), themes=["buses"], country="KE", who=("institution", "organisers")[number])
    for path in ("/themes/buses", "/places/KE"):
        page = client.open_page(path)
        assert len(page.html.css(".h-feed .h-entry")) == len(page.html.css(".h-entry")) == 2
        assert len(page.html.css(".h-cite")) == 2
        assert not page.html.css(".h-feed .h-cite, .told .response, .response .told")
        assert "and not people who tell a story" in page
    for path in ("/", "/feed.atom", "/themes/buses/feed.json", "/api/v1/stories"):
        assert b"Harbour Transport" not in client.get(path).data, path


def test_a_response_is_quoted_with_its_source(client: PagesClient, make: Maker, held_clock: Any) -> None:
    response = make.response("We promise it.", themes=["buses"], kind="commitment")
    page = client.open_page(path_of(response))
    assert page.heading == "Response by Harbour Transport"
    entry = page.html.css_first(".h-cite")
    assert [entry.css_first(f".{name}").text().strip() for name in ("p-author", "p-category")] == [
        "Harbour Transport",
        "Buses",
    ]
    assert entry.css_first(".dt-published").attributes["datetime"] == "2026-03-05"
    assert entry.css_first(".u-url").attributes["href"] == path_of(response)
    quote = page.html.css_first("#quote").text()
    assert quote.strip().startswith("We promise it.\n\n— Harbour Transport, March 5, 2026.")
    assert quote.strip().endswith(path_of(response))


def test_a_theme_that_was_merged_leads_to_the_responses_of_the_other(client: PagesClient, make: Maker) -> None:
    from tests.models.test_responses import merge

    make.response("Of trams.", themes=["trams"])
    merge(make.session, make, "trams", "rails")
    for slug in ("trams", "rails"):
        assert "Of trams." in client.open_page(f"/responses?theme={slug}")


def test_many_are_paged(client: PagesClient, make: Maker) -> None:
    for number in range(21):
        make.response(f"Number {number}.", themes=["buses"], given_on=dt.date(2020, 1, 1 + number))
    page = client.open_page("/responses?theme=buses")
    assert (len(page.words_told), page.words_told[0]) == (20, "Number 20.")
    older = page.follow("Older responses")
    assert older.words_told == ["Number 0."]
    assert older.follow("The newest responses").words_told == page.words_told
    beside = client.open_page("/themes/buses")
    assert beside.words_told == ["Number 20.", "Number 19.", "Number 18."]
    assert beside.link("All responses to this") == "/responses?theme=buses"


def test_before_anybody_answers_every_page_says_so(client: PagesClient, organiser: PagesClient) -> None:
    assert "No response yet" in client.open_page("/responses")
    assert "Nothing yet." in client.open_page("/accountability")
    assert not client.open_page("/themes/buses").html.css("#responses"), "few told of it: nothing is said"
    assert "Nothing is written down yet" in organiser.open_page("/organise/responses")


def test_a_promise_without_a_day_and_a_silence_say_what_they_are(client: PagesClient, make: Maker) -> None:
    said = {
        "commitment": "A promise Given on",
        "silent": "Asked, no answer yet Asked on",
        "done": "What was done Given on",
        "refused": "They refused to answer Given on",
        "answer": "An answer Given on",
    }
    for kind in said:
        make.response(kind, themes=["buses"], kind=kind, wording="ours")
    page = client.open_page("/responses")
    assert all(words in page for words in said.values())
    assert "In the words of the organisers:" in page


def pages_of_responses(make: Maker) -> list[str]:
    response = make.response(WORDS, themes=["buses"], country="KE")
    return ["/responses", path_of(response), "/themes/buses", "/places/KE", "/accountability"]


def test_as_many_responses_as_may_be_ask_the_database_no_more(client: PagesClient, make: Maker, app: Any) -> None:
    from bench.reading import reading
    from storyhub.extensions import db
    from storyhub.models import figures

    paths = pages_of_responses(make)

    def statements() -> list[int]:
        found = []
        with app.app_context():
            engines = list(db.engines.values())
        for path in paths:
            figures._kept.clear()
            app.wsgi_app.pages.__init__()
            with reading(engines) as read:
                client.open_page(path)
            found.append(read.statements)
        return found

    few = statements()
    for number in range(30):
        make.response(str(number), themes=["buses", f"theme-{number}"], country="KE")
    assert statements() == few


def read_on(page: Page) -> list[str]:
    return [one.text().strip() for one in page.html.css(".response a") if "Read all" in one.text()]


def test_a_long_letter_is_opened_beside_stories_and_whole_at_its_own_address(client: PagesClient, make: Maker) -> None:
    letter = "We have read every story. " * 100
    response = make.response(letter.strip(), themes=["buses"])
    page = client.open_page("/themes/buses")
    assert len(page.words_told[0]) < 410
    assert read_on(page) == ["Read all of it"]
    assert client.open_page(path_of(response)).words_told == [letter.strip()]


def test_asking_for_many_pages_of_responses_fills_no_memory(client: PagesClient, app: Flask, make: Maker) -> None:
    """Each of them would hold up to twenty letters, and there are as many as themes, countries and beginnings."""
    first = make.response(themes=["buses"])

    def kept(addresses: list[str]) -> int:
        for address in addresses:
            client.open_page(address, status=None)
        with app.app_context(), Session(db.engines["reading0"]) as reading:
            return len(kept_of_edition(reading))

    before = kept(["/responses", "/responses?theme=buses"])
    others = [f"/responses?theme=buses&country={code}" for code in ("KE", "DE", "SD", "FR")]
    others += [f"/responses?after={shown(one)}" for one in (first.id, 1, 2, 3)]
    assert kept(others) == before
