"""The design language keeps its promises: colours can be read, nothing comes from elsewhere."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

APP = Path(__file__).resolve().parent.parent / "app"
TOKENS = (APP / "static" / "css" / "tokens.css").read_text()
TEMPLATES = sorted((APP / "templates").rglob("*.html"))
PAGES = [path for path in TEMPLATES if path.parent.name != "mail"]  # mail has no style sheet
ASSETS = [path for path in (APP / "static").rglob("*") if path.suffix in {".css", ".js", ".svg"}]
PAIRS = (
    ("ink", "surface", 4.5),
    ("ink", "bg", 4.5),
    ("ink", "sunken", 4.5),
    ("muted", "bg", 4.5),
    ("muted", "surface", 4.5),
    ("muted", "sunken", 4.5),
    ("primary", "surface", 4.5),
    ("primary", "bg", 4.5),
    ("primary", "primary-soft", 4.5),
    ("ink", "primary-soft", 4.5),
    ("muted", "primary-soft", 4.5),
    ("on-primary", "primary", 4.5),
    ("green", "green-soft", 4.5),
    ("yellow", "yellow-soft", 4.5),
    ("red", "red-soft", 4.5),
    ("red", "surface", 4.5),
    ("grey", "grey-soft", 4.5),
    ("orange", "orange-soft", 4.5),
    ("edge", "surface", 3),
    ("focus", "bg", 3),
    ("focus", "surface", 3),
    ("green-mark", "surface", 3),
    ("yellow-mark", "surface", 3),
    ("red-mark", "surface", 3),
    ("grey-mark", "surface", 3),
)


def colours(selector: str) -> dict[str, str]:
    block = TOKENS.split(f"{selector} {{", 1)[1].split("}", 1)[0]
    return dict(re.findall(r"--bh-([\w-]+):\s*(#[0-9a-f]{6})", block))


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["[data-bs-theme=light]", "[data-bs-theme=dark]"])
@pytest.mark.parametrize(("front", "back", "least"), PAIRS)
def test_every_pair_of_colours_has_enough_contrast(
    theme: str, front: str, back: str, least: float
) -> None:
    known = colours("[data-bs-theme=light]") | colours(theme)

    assert contrast(known[front], known[back]) >= least


def test_following_the_system_shows_the_same_dark() -> None:
    assert colours("[data-bs-theme=auto]") == colours("[data-bs-theme=dark]")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(APP)))
def test_no_template_has_inline_style_or_script(path: Path) -> None:
    text = re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.DOTALL)

    assert not re.search(r"\sstyle=|<style|\son\w+=\"|javascript:", text)
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)


@pytest.mark.parametrize("path", [*TEMPLATES, *ASSETS], ids=lambda path: str(path.relative_to(APP)))
def test_nothing_is_loaded_from_elsewhere(path: Path) -> None:
    assert not re.search(
        r"(?:src|href)=\"(?:https?:)?//|url\(['\"]?(?:https?:|data:)|@import", path.read_text()
    )


def macros(name: str) -> Iterator[str]:
    text = (APP / "templates" / "components" / name).read_text()
    yield from re.findall(r"macro (\w+)\(", text)


@pytest.mark.parametrize("name", ["ui.html", "forms.html"])
def test_every_component_is_listed_at_the_top_of_its_file(name: str) -> None:
    text = (APP / "templates" / "components" / name).read_text()
    listed = text.split("-#}", 1)[0]
    inner = {"icon", "error_links", "field_label", "field_notes", "described", "choice_field"}

    assert {macro for macro in macros(name) if f"{macro}(" not in listed} <= inner


def test_english_takes_its_punctuation_from_a_latin_font_and_chinese_from_a_chinese_one() -> None:
    han = re.findall(r'"([^"]+)"', TOKENS.partition("--bh-han:")[2].partition(";")[0])
    chinese, english = (found.partition(";")[0] for found in re.split(r"--bh-font:", TOKENS)[1:])

    assert {"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC"} <= set(han)
    assert ":root:lang(en)" in TOKENS.rpartition("--bh-font:")[0].rpartition("}")[2]
    for stack in (chinese, english):  # every character has a font at last
        assert "var(--bh-han)" in stack
        assert stack.rstrip().endswith("sans-serif")
        assert not any(name in stack for name in han)
    assert '"' not in chinese.partition("var(--bh-han)")[0]
    latin = english.partition("var(--bh-han)")[0]
    assert '"Segoe UI"' in latin
    assert "Roboto" in latin
    assert "system-ui" not in latin  # on a Chinese Windows that is a Chinese font
