"""What a journey needs: the product on a port of its own, and a Chromium that notices faults."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from playwright.sync_api import Browser, BrowserContext, Page
from waitress.server import create_server

from app.accounts.models import User
from app.accounts.roles import Actor
from tests import browser as chromium
from tests.conftest import begin_session
from tests.journeys import town
from tests.journeys.walker import Walker
from tests.pages import DESK, PHONE, Watch

PATIENCE = 15_000  # milliseconds; a busy machine is slow, a missing button never comes


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Launch the machine's Chromium, or ours."""
    return chromium.find().launch_options


@pytest.fixture
def live_server(app: Flask) -> Iterator[str]:
    """Serve the test's application, with its database and its clock; return the address.

    It asks every form for its token, as production does.
    """
    app.config["WTF_CSRF_ENABLED"] = True
    server = create_server(app, host="127.0.0.1", port=0, threads=8)
    thread = threading.Thread(target=server.run)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.trigger.pull_trigger(lambda: server.asyncore.close_all(server._map))  # noqa: SLF001
    thread.join()
    server.task_dispatcher.shutdown()


@pytest.fixture
def new_page(browser: Browser, live_server: str) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a browser of its own: no cookie is shared between two.

    The journey fails at its end if any page logged an error, broke the content security
    policy, or asked for anything beyond the product's own origin.
    """
    watch = Watch(live_server)
    contexts: list[BrowserContext] = []

    def open_page(*, viewport: dict[str, int] = DESK, **options: Any) -> Page:
        context = browser.new_context(
            base_url=live_server,
            viewport=viewport,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            **options,
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        context.on("page", watch.over)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()
    assert not watch.faults, "\n".join(watch.faults)


@pytest.fixture
def page_for(app: Flask, live_server: str, new_page: Callable[..., Page]) -> Callable[..., Page]:
    """Return a function that opens a browser in which a person is signed in."""

    def open_signed_in(who: User | Actor, **options: Any) -> Page:
        page = new_page(**options)
        signer = SecureCookieSessionInterface().get_signing_serializer(app)
        assert signer, "the application has a SECRET_KEY"
        value = signer.dumps({"_user_id": begin_session(who), "_fresh": True})
        name = app.config["SESSION_COOKIE_NAME"]
        page.context.add_cookies([{"name": name, "value": str(value), "url": live_server}])
        return page

    return open_signed_in


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """Return one page at a desk's width, in place of the plugin's."""
    return new_page()


@pytest.fixture
def phone(new_page: Callable[..., Page]) -> Page:
    """Return one page at a phone's width."""
    return new_page(viewport=PHONE, has_touch=True, is_mobile=True)


@pytest.fixture
def township(app: Flask) -> town.Town:
    """Make the township whose people sign in."""
    del app  # the database must be there
    return town.settle()


@pytest.fixture
def seat(
    township: town.Town, new_page: Callable[..., Page], frozen_clock: time_machine.Traveller
) -> Callable[..., Walker]:
    """Return a function that seats somebody of the township at a browser, signed in."""
    del township  # it must be there

    def pause() -> None:
        frozen_clock.shift(timedelta(minutes=1))

    def sit(person: town.Person, *, careful: bool = False, **options: Any) -> Walker:
        return Walker(new_page(**options), person, pause, careful=careful).sign_in()

    return sit
