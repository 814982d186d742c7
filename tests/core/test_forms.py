"""What every form has: a version, a key, sentences; and what becomes of a refusal."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient
from wtforms import IntegerField, StringField
from wtforms.validators import DataRequired, Length, NumberRange

from app import create_app
from app.core import forms
from app.core.db import db
from app.core.errors import Gone, Invalid, NotAllowed, NotFound, Stale, TooMany, check_version
from app.core.forms import Form
from app.core.http import public, submitted

done: list[str] = []
REFUSALS = (Invalid, NotAllowed, NotFound, Stale, Gone, TooMany)
PAGE = (
    "{{ form.name() }}{{ form.name.errors|join }}{{ form.number.errors|join }}"
    "{{ form.form_errors|join }}{{ form.idempotency_key.errors|join }}"
)


class _Form(Form):
    name = StringField("名称", validators=[DataRequired(), Length(2, 5)])
    number = IntegerField("数", default=1, validators=[NumberRange(1, 9)])


@pytest.fixture
def app(app: Flask) -> Iterator[Flask]:
    """Build an application of its own, to which a page may be added."""
    own = create_app(dict(app.config))
    own.test_client_class = app.test_client_class
    with own.app_context():
        yield own
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Serve a page with one form, whose work may refuse."""
    done.clear()

    @public
    def page() -> object:
        form = _Form()

        def work() -> str:
            for kind in REFUSALS:
                if form.name.data == kind.__name__[:5]:
                    raise kind("因为{why}", field="name", why="规定")
            if form.name.data == "whole":
                raise Invalid("整个不行")
            done.append(form.name.data or "")
            return "/there"

        return submitted(
            form, work, page=lambda: render_template_string(PAGE, form=form), flash="好了"
        )

    app.add_url_rule("/form", "page", page, methods=["POST"])
    return app.test_client()


def test_a_good_form_is_carried_out_and_leads_on(client: FlaskClient) -> None:
    answer = client.post("/form", data={"name": "abc", "number": "2"})

    assert (answer.status_code, answer.location, done) == (303, "/there", ["abc"])


def test_the_same_form_twice_is_carried_out_once(client: FlaskClient) -> None:
    given = {"name": "abc", "number": "2", "idempotency_key": uuid4().hex}

    answers = [client.post("/form", data=given) for _ in range(3)]

    assert [answer.location for answer in answers] == ["/there"] * 3
    assert done == ["abc"]


def test_two_people_never_share_a_key(client: FlaskClient, app: Flask) -> None:
    given = {"name": "abc", "number": "2", "idempotency_key": uuid4().hex}
    client.post("/form", data=given)

    assert app.test_client().post("/form", data={**given, "name": "xyz"}).location == "/there"
    assert done == ["abc"]  # nobody is one person here: signed out


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"name": ""}, "请填写。"),
        ({"name": "a"}, "要写 2 到 5 个字。"),
        ({"name": "abc", "number": "x"}, "请填一个整数。"),
        ({"name": "abc", "number": "10"}, "要在 1 到 9 之间。"),
        ({"name": "abc", "idempotency_key": "x"}, "这个表单不完整，请再提交一次。"),
    ],
)
def test_a_bad_form_comes_back_with_sentences(
    client: FlaskClient, given: dict[str, str], sentence: str
) -> None:
    answer = client.post("/form", data=given)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert f'value="{given["name"]}"' in answer.text
    assert done == []


@pytest.mark.parametrize("kind", REFUSALS)
def test_a_refusal_stands_by_its_field_under_its_status(
    client: FlaskClient, kind: type[Invalid]
) -> None:
    answer = client.post("/form", data={"name": kind.__name__[:5], "number": "2"})

    assert answer.status_code == kind.status
    assert "因为规定" in answer.text


def test_a_refusal_of_no_field_stands_above_the_form(client: FlaskClient) -> None:
    answer = client.post("/form", data={"name": "whole", "number": "2"})

    assert answer.status_code == 422
    assert "整个不行" in answer.text


def test_a_form_that_returns_after_signing_in_is_shown_and_not_carried_out(
    client: FlaskClient,
) -> None:
    answer = client.post("/form", data={"name": "abc", "number": "2", "returning": "1"})

    assert answer.status_code == 200
    assert 'value="abc"' in answer.text
    assert done == []


def test_english_readers_get_sentences_too(client: FlaskClient) -> None:
    answer = client.post("/form", data={"name": ""}, headers={"Accept-Language": "en"})

    assert answer.status_code == 422


def test_what_differs_is_said_field_by_field(app: Flask) -> None:
    class Thing:
        name, number, version = "stored", 3, 5

    with app.test_request_context(method="POST", data={"name": "typed", "number": "3"}):
        form = _Form(obj=Thing())
        form.renew(7)

        assert forms.differences(form, Thing()) == [("名称", "stored", "typed")]
        assert form.version._value() == "7"  # noqa: SLF001


def test_a_version_that_was_not_read_is_not_judged() -> None:
    check_version(3, None)
    check_version(3, 3)
    with pytest.raises(Stale):
        check_version(3, 2)
