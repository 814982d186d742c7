"""Font, ink and paper stand on every table and cell of a letter, because nobody hands them down."""

import re

import pytest

from app.core import mail_style


@pytest.mark.parametrize("tag", ["table", "caption", "td", "th"])
def test_a_bare_cell_is_given_font_and_ink(tag: str) -> None:
    html = mail_style.written_out(f"<{tag}>字</{tag}>")

    assert mail_style.FONT in html
    assert mail_style.INK in html


def test_a_cell_says_its_paper_as_an_attribute_too() -> None:
    assert mail_style.written_out("<td>字</td>").count("#ffffff") == 2


def test_what_a_cell_says_itself_stays() -> None:
    given = (
        '<td bgcolor="#164b8f" style="padding:4px;color:#ffffff;background:#164b8f;font-family:x">'
    )

    assert mail_style.written_out(given) == given


def test_a_colour_of_the_edge_is_no_ink() -> None:
    html = mail_style.written_out('<th scope="row" style="border-color:#000000;width:45%">')

    assert "border-color:#000000;width:45%" in html
    assert html.endswith(f'{mail_style.INK};background:#ffffff">')
    assert 'scope="row"' in html


def test_text_and_other_tags_stay_as_they_are() -> None:
    text = '<p>1 &lt; 2, &lt;td&gt; <a href="/x?a=1&amp;b=2">字</a></p><thead></thead><tr></tr>'

    assert mail_style.written_out(text) == text
    assert len(re.findall("style", mail_style.written_out("<td><td/><!-- <b> -->"))) == 1
