"""Links that commands print lead to where the site is being served."""

from __future__ import annotations

from dataclasses import replace

from storyhub.operations import address


def test_a_link_leads_to_the_port_that_only_the_server_was_told(settings):
    with address.noted(replace(settings, site_url="http://127.0.0.1:8123")):
        assert address.current(settings) == "http://127.0.0.1:8123"
    assert address.current(settings) == settings.site_url


def test_an_address_that_was_given_wins(settings):
    given = replace(settings, site_url="https://stories.example.org", site_url_given=True)
    with address.noted(replace(settings, site_url="http://127.0.0.1:8123")):
        assert address.current(given) == "https://stories.example.org"
