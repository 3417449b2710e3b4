"""Somebody with a receipt, on the page that it leads to."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from storyhub.protection import receipts
from tests.pages import Page, PagesClient


@pytest.fixture
def receipt() -> str:
    return receipts.mint()


@pytest.fixture
def come_back(client: PagesClient, receipt: str) -> Callable[..., Page]:
    """come_back(): the page that the receipt leads to; come_back(to="/receipt/edit") goes one step on."""

    def open_with_receipt(to: str = "", other: str = "", status: int = 200) -> Page:
        page = client.open_page("/receipt").form("/receipt").fill(receipt=other or receipt).send(status=status)
        return page.form(to).send() if to else page

    return open_with_receipt
