"""How somebody wants to work at the desk: what they are handed, what stays folded, and that it is theirs alone."""

from __future__ import annotations

import dataclasses

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from storyhub import languages
from storyhub.models.labels import NOTES
from storyhub.models.people import FOLDED_AT_THE_DESK, Person
from storyhub.models.queue import QueueItem, spaced
from storyhub.moderation import caring
from storyhub.moderation.actions import Wanted
from tests.makers import Maker
from tests.moderation.conftest import SignIn
from tests.pages import PagesClient

PAGE = "/desk/preferences"


@dataclasses.dataclass(frozen=True)
class SiteThatSendsMail:
    """The settings of a site, and an address by which it can send."""

    settings: object
    smtp_url: str = "smtp://mail.example.org"

    def __getattr__(self, name: str) -> object:
        return getattr(self.settings, name)


@pytest.fixture
def sends_mail(app: Flask) -> None:
    if getattr(app.extensions["settings"], "smtp_url", None) is None:
        app.extensions["settings"] = SiteThatSendsMail(app.extensions["settings"])


def kept(session: Session, name: str) -> Person:
    session.expire_all()
    return session.scalars(sa.select(Person).filter_by(username=name)).one()


def test_the_desk_leads_to_how_one_works_there(mina: PagesClient) -> None:
    page = mina.open_page("/desk/").follow("How you work here")
    assert page.heading == "How you work here"
    assert "Nobody but you is shown any of this." in page


def test_everything_that_was_chosen_is_kept_and_shown_again(mina: PagesClient, session: Session) -> None:
    chosen = {
        "languages": ["ar", "en"],
        "languages_other": "ku, pt-br",
        "rather_not": ["death", "child"],
        "folds": ["threats"],
        "daily_measure": "40",
        "break_after": "",
    }
    page = mina.open_page(PAGE).form(PAGE).fill(chosen).send()
    assert "Saved." in page
    form = page.form(PAGE)
    assert form.values("languages") == ["ar", "en"]
    assert form.value("languages_other") == "ku, pt-BR"
    assert set(form.values("rather_not")) == {"child", "death"}
    assert form.values("folds") == ["threats"]
    assert (form.value("daily_measure"), form.value("break_after")) == ("40", "")
    person = kept(session, "Mina")
    assert person.languages == ["ar", "en", "ku", "pt-BR"]
    assert (person.daily_measure, person.break_after) == (40, None)
    assert person.folds == ["threats"]


def test_nothing_has_to_be_chosen(mina: PagesClient, session: Session) -> None:
    form = mina.open_page(PAGE).form(PAGE)
    assert set(form.values("folds")) == set(FOLDED_AT_THE_DESK)
    assert form.value("break_after") == "20"
    assert "Saved." in form.send()
    assert kept(session, "Mina").folds is None  # who wants what all have follows when it changes
    nothing = {"languages": [], "rather_not": [], "folds": [], "daily_measure": "", "break_after": ""}
    assert "Saved." in mina.open_page(PAGE).form(PAGE).fill(nothing).send()
    person = kept(session, "Mina")
    assert (person.folds, person.languages, person.rather_not, person.daily_measure) == ([], [], [], None)


def test_one_changes_only_what_is_ones_own(mina: PagesClient, noor: PagesClient, make: Maker, session: Session) -> None:
    mina.open_page(PAGE).form(PAGE).fill(daily_measure="7").forge(person="Noor", id="1", active="", name="X").send()
    assert kept(session, "Mina").daily_measure == 7
    assert kept(session, "Mina").active
    assert kept(session, "Noor").daily_measure is None
    assert noor.open_page(PAGE).form(PAGE).value("daily_measure") == ""


def test_it_is_for_those_who_read_here_and_for_nobody_else(
    client: PagesClient, lea: PagesClient, make: Maker, sign_in: SignIn
) -> None:
    lea.open_page(PAGE)
    assert client.open_page(PAGE).path == "/account/sign-in"
    sign_in(client, make.organiser())
    client.open_page(PAGE, status=403)


@pytest.mark.usefixtures("sends_mail")
def test_stewards_who_read_no_stories_choose_only_whether_they_are_written_to(
    client: PagesClient, make: Maker, sign_in: SignIn, session: Session
) -> None:
    page = sign_in(client, make.steward("Sara")).open_page("/desk/").follow("How you work here")
    form = page.form(PAGE)
    assert form.names == {"csrf_token", "email", "wants_digest"}
    assert "Saved." in form.fill(email="sara@example.org", wants_digest="y").forge(daily_measure="3").send()
    sara = kept(session, "Sara")
    assert (sara.email, sara.wants_digest, sara.daily_measure, sara.break_after) == ("sara@example.org", True, None, 20)
    both = make.person("Bo", "steward", "moderator")
    assert "languages" in sign_in(client, both).open_page(PAGE).form(PAGE).names


@pytest.mark.parametrize(
    ("role", "words"),
    [
        ("moderator", "Languages, topics"),
        ("outside-reader", "Languages, topics"),
        ("steward", "Whether we write to you"),
        ("organiser", None),
    ],
)
def test_the_account_leads_there_whoever_may_go_there(
    client: PagesClient, make: Maker, sign_in: SignIn, role: str, words: str | None
) -> None:
    page = sign_in(client, make.person("Ada", role)).open_page("/account/me")
    assert ("How I want to work" in page) == (words is not None)
    if words:
        assert words in page
        assert page.follow("How I want to work").path == PAGE


@pytest.mark.parametrize("name", ["daily_measure", "break_after"])
@pytest.mark.parametrize("typed", ["0", "501", "-3", "many", "1.5", "²", "99999999999"])
def test_what_is_no_number_of_stories_is_told_at_its_field_and_stays_there(
    mina: PagesClient, session: Session, name: str, typed: str
) -> None:
    page = mina.open_page(PAGE).form(PAGE).fill({name: typed, "languages_other": "ku"}).send(status=422)
    assert page.fields_with_errors() == [name]
    assert "Choose a number from 1 to 500, or leave it empty." in page
    assert page.value_of(name) == typed
    assert page.value_of("languages_other") == "ku"
    assert kept(session, "Mina").languages == []


def test_numbers_are_read_in_any_numerals(mina: PagesClient, session: Session) -> None:
    mina.open_page(PAGE).form(PAGE).fill(daily_measure=" ٤٠ ").send()
    assert kept(session, "Mina").daily_measure == 40


@pytest.mark.parametrize("field", ["languages", "rather_not", "folds"])
def test_what_was_not_offered_is_refused_in_plain_words(mina: PagesClient, field: str) -> None:
    page = mina.open_page(PAGE).form(PAGE).forge(**{field: ["xx-none"]}).send(status=422)
    assert "One of these can no longer be chosen." in page


def test_what_is_no_language_code_is_told(mina: PagesClient) -> None:
    page = mina.open_page(PAGE).form(PAGE).fill(languages_other="ku, klingon!").send(status=422)
    assert "klingon! is not a language code." in page


# A message when stories wait


def test_a_site_that_sends_no_mail_says_so_and_asks_for_no_address(mina: PagesClient, session: Session) -> None:
    page = mina.open_page(PAGE)
    assert "This site sends no mail" in page
    assert not page.form(PAGE).names & {"email", "wants_digest"}
    page.form(PAGE).forge(email="mina@example.org", wants_digest="y").send()
    assert (kept(session, "Mina").email, kept(session, "Mina").wants_digest) == (None, False)


@pytest.mark.usefixtures("sends_mail")
def test_who_wants_a_message_gives_an_address(mina: PagesClient, session: Session) -> None:
    page = mina.open_page(PAGE).form(PAGE).fill(wants_digest="y").send(status=422)
    assert "Please give the address to which it is sent." in page
    page = page.form(PAGE).fill(email=" Mina@Example.org ", wants_digest="y").send()
    assert "Saved." in page
    assert page.value_of("email") == "mina@example.org"
    assert kept(session, "Mina").wants_digest
    page.form(PAGE).fill(email="").without("wants_digest").send()
    assert (kept(session, "Mina").email, kept(session, "Mina").wants_digest) == (None, False)


@pytest.mark.usefixtures("sends_mail")
@pytest.mark.parametrize(
    "typed", ["mina", "mina@", "@example.org", "a b@example.org", "a@b.c, d@e.f", "a@b\r\nBcc: c@d.e"]
)
def test_what_is_no_address_is_told_at_its_field(mina: PagesClient, session: Session, typed: str) -> None:
    page = mina.open_page(PAGE).form(PAGE).forge(email=typed).send(status=422)
    assert page.fields_with_errors() == ["email"]
    assert kept(session, "Mina").email is None


@pytest.mark.usefixtures("sends_mail")
def test_an_address_is_one_persons_alone(mina: PagesClient, noor: PagesClient, session: Session) -> None:
    mina.open_page(PAGE).form(PAGE).fill(email="desk@example.org").send()
    page = noor.open_page(PAGE).form(PAGE).fill(email="Desk@example.org", daily_measure="12").send(status=422)
    assert "Somebody else here has this address." in page
    assert page.value_of("daily_measure") == "12"
    assert kept(session, "Noor").email is None
    assert "Saved." in mina.open_page(PAGE).form(PAGE).fill(daily_measure="3").send()


# What waits and is for others


def lay(make: Maker, session: Session, *topics: str, language: str | None = "en") -> None:
    item = make.story(language=language).item
    assert item is not None
    item.topics = spaced(topics)
    session.commit()


def test_what_waits_in_languages_that_one_does_not_read_is_left_to_others(
    client: PagesClient, make: Maker, sign_in: SignIn
) -> None:
    for _ in range(3):
        make.story("Это было вечером.", language="ru")
    sign_in(client, make.moderator("Nada", languages=["ar"]))
    page = client.open_page("/desk/").form("/desk/next").send()
    assert page.heading == "Left to others"
    assert "in languages that you do not read: 3. Others will." in page
    page = page.follow("See the queue anyway")
    assert page.path == "/desk/"
    assert "Russian" in page


def test_whoever_reads_everything_is_told_that_nothing_waits(mina: PagesClient) -> None:
    page = mina.open_page("/desk/").form("/desk/next").send()
    assert page.path == "/desk/"
    assert "Nothing more waits for you" in page


def test_what_one_would_rather_not_read_is_counted_and_no_more_than_a_hundred(
    make: Maker, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    nada = make.moderator("Nada", rather_not=["child"], languages=["en"])
    lay(make, session, "child", "threats")
    lay(make, session, "threats")
    lay(make, session, language="ru")
    lay(make, session, language=None)
    assert caring.left_to_others(session, nada, Wanted()) == 2
    assert caring.left_to_others(session, nada, Wanted(language="ru")) == 0
    assert caring.left_to_others(session, make.moderator("Sam"), Wanted()) == 0
    monkeypatch.setattr(caring, "MOST_LEFT", 0)
    assert caring.left_to_others(session, nada, Wanted()) == 1


def test_what_is_in_others_hands_or_was_left_for_later_is_not_counted(make: Maker, session: Session) -> None:
    nada = make.moderator("Nada", languages=["ar"])
    first, second = make.story().item, make.story().item
    assert first is not None
    assert second is not None
    first.claim(by=make.moderator("Sam"))
    session.commit()
    assert caring.left_to_others(session, nada, Wanted()) == 1
    assert caring.left_to_others(session, nada, Wanted(), [second.id]) == 0
    second.close()
    session.commit()
    assert session.scalar(sa.select(sa.func.count()).select_from(QueueItem)) == 2
    assert caring.left_to_others(session, nada, Wanted()) == 0


# Facts about words


@given(st.sets(st.sampled_from(sorted(NOTES))))
def test_whatever_folds_is_what_was_chosen(codes: set[str]) -> None:
    person = Person(username="Mina")
    caring.fold(person, codes)
    assert set(caring.folded_for(person)) == codes
    assert (person.folds is None) == (codes == set(FOLDED_AT_THE_DESK))


def test_the_notes_that_fold_are_notes() -> None:
    assert set(FOLDED_AT_THE_DESK) <= set(NOTES)


@given(
    st.lists(st.from_regex(languages.CODE, fullmatch=True), max_size=5), st.sampled_from([",", "; ", "، ", " ", "\n"])
)
def test_codes_are_read_however_they_are_set_apart(codes: list[str], between: str) -> None:
    typed = between.join(codes)
    assert languages.codes_in(typed) == codes
    assert languages.what_is_no_code(typed) is None
    assert [languages.standard_code(languages.standard_code(code)) for code in codes] == [
        languages.standard_code(code) for code in codes
    ]
