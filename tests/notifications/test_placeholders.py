"""What may stand between braces in the office's words: names of the letter, and nothing else."""

import pytest
from jinja2 import UndefinedError

from app.notifications import placeholders
from app.notifications.placeholders import BROKEN, NOT_A_CONDITION, NOT_A_NAME, NUMBER, UNKNOWN

NAMES = ("tenant", "n", "doc_no")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "没有占位符，也可以",
        "{{tenant}}有{{ n }}件",
        "{{- n -}}",
        "按文件{% if doc_no %}（{{doc_no}}）{% endif %}办",
        "{% if not doc_no %}没有文号{% else %}{{doc_no}}{% endif %}",
        "{% if n %}{% if doc_no %}{{n}}{% elif tenant %}{{tenant}}{% endif %}{% endif %}",
        "100% 的企业；第 1 条、第 2 条；QS 开头",
    ],
)
def test_names_and_conditions_on_names_are_fine(text: str) -> None:
    assert placeholders.fault(text, NAMES) is None


@pytest.mark.parametrize("text", ["{{due}}", "{% if due %}有{% endif %}", "{{ loop }}", "{{self}}"])
def test_a_name_that_the_letter_does_not_know_is_named_and_the_known_ones_are_listed(
    text: str,
) -> None:
    found = placeholders.fault(text, NAMES)

    assert found
    assert found.message == UNKNOWN
    assert found.values["what"].strip("{}") in text
    assert found.values["names"] == "{{tenant}}、{{n}}、{{doc_no}}"


@pytest.mark.parametrize(
    "text",
    [
        "{{ ''.__class__ }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ n.__class__ }}",
        "{{ n['__class__'] }}",
        "{{ n|attr('__class__') }}",
        "{{ n|string }}",
        "{{ tenant ~ n }}",
        "{{ n + 1 }}",
        "{{ n() }}",
        "{{ range(1000000000) }}",
        "{{ lipsum(10000) }}",
        "{{ cycler.__init__.__globals__ }}",
        "{{ config }}{{ config.SECRET_KEY }}",
        "{{ 'text' }}",
        "{{ 12345 }}",
        "{{ n if tenant else doc_no }}",
        "{{ [n, tenant] }}",
        "{{ (n) }}",
        "{{ n, tenant }}",
        "{{ n n }}",
        "{{ 'x' * 1000000000 }}",
        "{{ true }}",
        "{{ }}",
        "{# 注释 #}",
        "{% raw %}{{ n }}{% endraw %}",
    ],
)
def test_nothing_but_a_name_stands_between_two_braces(text: str) -> None:
    found = placeholders.fault(text, NAMES)

    assert found
    assert found.message in {NOT_A_NAME, UNKNOWN, BROKEN}
    assert found.values["what"]


@pytest.mark.parametrize(
    "text",
    [
        "{% for x in n %}{{ x }}{% endfor %}",
        "{% for x in range(1000000000) %}x{% endfor %}",
        "{% include 'mail/r1.html' %}",
        "{% import 'mail/_parts.html' as x %}",
        "{% extends 'layout.html' %}",
        "{% set n = 1 %}",
        "{% macro x() %}{% endmacro %}",
        "{% block rows %}{% endblock %}",
        "{% filter upper %}x{% endfilter %}",
        "{% with n = 1 %}{% endwith %}",
        "{% call n() %}{% endcall %}",
        "{% autoescape true %}{% endautoescape %}",
        "{% if n > 1 %}多件{% endif %}",
        "{% if n.x %}多件{% endif %}",
        "{% if n and tenant %}多件{% endif %}",
        "{% if n is defined %}多件{% endif %}",
        "{% if n() %}多件{% endif %}",
        "{% do n %}",
        "{% else n %}",
    ],
)
def test_a_condition_asks_for_one_name_and_there_are_no_other_statements(text: str) -> None:
    found = placeholders.fault(text, NAMES)

    assert found
    assert found.message == NOT_A_CONDITION


@pytest.mark.parametrize(
    "text",
    [
        "{{n",
        "{{n}",
        "{n}}",
        "{n}",
        "n}}",
        "{% if n %}没有收尾",
        "没有开头{% endif %}",
        "{% if n %}{% else %}{% else %}{% endif %}",
        "{% if n",
        "{{ n ",
        "{{ n ?",
        "{{ 'n }}",
    ],
)
def test_what_is_not_finished_is_shown_where_it_stands(text: str) -> None:
    found = placeholders.fault(text, NAMES)

    assert found
    assert found.message in {BROKEN, NOT_A_NAME}
    assert found.values["what"]


@pytest.mark.parametrize(
    "text", ["电话 13812345678", "0571-86621234", "138 1234 5678", "913301097109876543"]
)
def test_no_telephone_or_credit_number_is_written_into_a_letter(text: str) -> None:
    found = placeholders.fault(text, NAMES)

    assert found
    assert found.message == NUMBER


def test_a_long_wrong_part_is_cut_short_in_its_sentence() -> None:
    found = placeholders.fault("{{ " + "很" * 500 + " }}", NAMES)

    assert found
    assert len(found.values["what"]) <= 41


def test_a_text_is_filled_in_with_what_the_letter_knows_and_with_nothing_else() -> None:
    text = "{{tenant}}有{{n}}件{% if doc_no %}（{{doc_no}}）{% endif %}"

    assert placeholders.filled(text, {"tenant": "霁川镇", "n": 3, "doc_no": ""}) == "霁川镇有3件"
    with pytest.raises(UndefinedError):
        placeholders.filled(text, {"tenant": "霁川镇"})


def test_what_is_filled_in_is_not_read_as_a_placeholder_again() -> None:
    assert placeholders.filled("{{tenant}}", {"tenant": "{{ 7 * 7 }}"}) == "{{ 7 * 7 }}"


@pytest.mark.parametrize("text", ["{% if doc_no %}有{% endif %}", " ", ""])
def test_a_text_of_conditions_alone_may_be_empty(text: str) -> None:
    assert placeholders.may_be_empty(text, NAMES)


@pytest.mark.parametrize("text", ["{% if doc_no %}有{% else %}没有{% endif %}", "{{n}}", "件"])
def test_a_text_with_a_word_or_a_placeholder_of_its_own_is_never_empty(text: str) -> None:
    assert not placeholders.may_be_empty(text, NAMES)
