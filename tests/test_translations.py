"""The English catalogue is complete, and says what the code says."""

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest
from flask import Flask

ROOT = Path(__file__).parent.parent
PLACES = re.compile(r"%\(\w+\)[sd]|\{\w*\}")


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("translate", ROOT / "scripts" / "translate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["translate"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def translate() -> ModuleType:
    return load()


def test_every_text_that_people_read_has_an_english_wording(translate: ModuleType) -> None:
    assert translate.missing(translate.kept(), translate.marked()) == []


def test_english_keeps_every_placeholder(translate: ModuleType) -> None:
    for message in translate.kept():
        if not message.id:
            continue
        sources = message.id if message.pluralizable else (message.id,)
        wordings = message.string if message.pluralizable else (message.string,)
        for wording in wordings:
            assert set(PLACES.findall(wording)) <= set(PLACES.findall("".join(sources))), message.id
        assert set(PLACES.findall(sources[-1])) == set(PLACES.findall(wordings[-1])), message.id


def test_the_compiled_catalogue_is_the_written_one(translate: ModuleType) -> None:
    compiled = (translate.FOLDER / "messages.mo").read_bytes()

    assert compiled == translate.compiled(translate.kept())


def test_the_switch_in_the_page_changes_the_language(app: Flask) -> None:
    client = app.test_client()

    english = client.get("/login", headers={"Accept-Language": "en"}).text
    chinese = client.get("/login", headers={"Accept-Language": "zh-CN"}).text

    assert ">Sign in<" in english or "Sign-in" in english
    assert "登录" in chinese
    assert 'lang="en"' in english
