"""What may stand between braces in words that the office writes, and how it is filled in. Pure.

Only `{{ name }}` and `{% if name %}…{% else %}…{% endif %}`, of names that the letter knows. A text
is read twice: once word by word, to say what is wrong with which part; once as the tree that is
rendered, so that nothing gets through that the first reading did not understand.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from jinja2 import StrictUndefined, TemplateSyntaxError, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from app.core.i18n import N_
from app.core.private import number_in

PARTS = ("subject", "heading", "opening", "button", "closing")  # of a wording, in its order

_sandbox = ImmutableSandboxedEnvironment(autoescape=False, undefined=StrictUndefined)
_ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.If,
    nodes.Not,
)
_BRACES = re.compile(r".{0,6}[{}]+.{0,6}")
_SHOWN = 40  # characters of a wrong part that a sentence repeats
_OPEN = {"variable_begin": "variable_end", "block_begin": "block_end"}
_SILENT = {"raw_begin", "raw_end", "comment_begin", "comment", "comment_end"}

UNKNOWN = N_("没有“{what}”这个占位符。可以用的有：{names}。")
NOT_A_NAME = N_("“{what}”不能用：两对大括号之间只能是一个占位符的名字。可以用的有：{names}。")
NOT_A_CONDITION = N_("“{what}”不能用：条件只能写“如果有某个占位符”。可以用的有：{names}。")
BROKEN = N_("“{what}”没有写完整：大括号要成对，if 要用 endif 收尾。可以用的有：{names}。")
NUMBER = N_("信里不写电话、证件号码：“{what}”。请删去，需要时请收信人登录系统看。")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a text: a sentence marked for translation, and what it speaks of."""

    message: str
    values: Mapping[str, str] = field(default_factory=dict)


def written(name: str) -> str:
    """Return a placeholder as it is written in a text."""
    return "{{" + name + "}}"


def fault(text: str, names: Iterable[str]) -> Fault | None:
    """Return what is wrong with `text`, or None where it can be filled in for any letter."""
    allowed = tuple(names)
    try:
        tokens = list(_sandbox.lex(text))
    except TemplateSyntaxError as error:
        return _fault(BROKEN, _line(text, error.lineno), allowed)
    found = next(_wrong(tokens, allowed), None) or _wrong_tree(text, allowed)
    if found is not None:
        return _fault(*found, allowed)
    return None


def filled(text: str, context: Mapping[str, Any]) -> str:
    """Return `text` filled in; raise jinja2's TemplateError where it asks for what is not there."""
    return _sandbox.from_string(text).render(context)


def may_be_empty(text: str, names: Iterable[str]) -> bool:
    """Tell whether nothing is left of `text` where none of its conditions holds."""
    return not filled(text, dict.fromkeys(names, _Missing())).strip()


class _Missing:
    """What a condition does not find, and what is something all the same where it is written."""

    def __bool__(self) -> bool:
        return False

    def __str__(self) -> str:
        return "…"


def _fault(message: str, what: str, allowed: tuple[str, ...]) -> Fault:
    short = what if len(what) <= _SHOWN else f"{what[:_SHOWN]}…"
    return Fault(message, {"what": short, "names": "、".join(map(written, allowed))})


Token = tuple[int, str, str]
Found = tuple[str, str]  # the sentence, and the part that it speaks of


def _wrong(tokens: Iterable[Token], allowed: tuple[str, ...]) -> Iterator[Found]:
    """Yield what is wrong, part by part, in the order of the text."""
    end, inside = "", ""
    words: list[tuple[str, str]] = []
    for _line_number, kind, value in tokens:
        inside += value
        if end and kind == end:
            yield from _wrong_part(end, inside, words, allowed)
            end = ""
        elif end:
            words += [(kind, value)] if kind != "whitespace" else []
        elif kind in _OPEN:
            end, inside, words = _OPEN[kind], value, []
        elif kind in _SILENT:
            yield NOT_A_NAME, value.strip()
        else:
            yield from _wrong_data(value)


def _wrong_data(text: str) -> Iterator[Found]:
    if brace := _BRACES.search(text):
        yield BROKEN, brace.group()
    if number := number_in(text):
        yield NUMBER, number


def _wrong_part(
    end: str, part: str, words: list[tuple[str, str]], allowed: tuple[str, ...]
) -> Iterator[Found]:
    """Yield what is wrong with one `{{ … }}` or `{% … %}`."""
    said = [value for _kind, value in words]
    if end == "variable_end":
        asked = said
        wrong = NOT_A_NAME
    else:
        head = said[:1]
        if head in (["else"], ["endif"]) and len(said) == 1:
            return
        asked = said[2:] if said[1:2] == ["not"] else said[1:]
        wrong = NOT_A_CONDITION
        if head not in (["if"], ["elif"]):
            asked = []
    if len(asked) != 1 or words[-1][0] != "name":
        yield wrong, part
    elif asked[0] not in allowed:
        yield UNKNOWN, written(asked[0])


def _wrong_tree(text: str, allowed: tuple[str, ...]) -> Found | None:
    try:
        tree = _sandbox.parse(text)
    except TemplateSyntaxError as error:
        return BROKEN, _line(text, error.lineno)
    for node in tree.find_all(nodes.Node):
        if type(node) not in _ALLOWED:
            return NOT_A_NAME, _line(text, node.lineno)
    unknown = sorted(meta.find_undeclared_variables(tree) - set(allowed))
    return (UNKNOWN, written(unknown[0])) if unknown else None


def _line(text: str, number: int) -> str:
    lines = text.splitlines() or [""]
    return lines[min(max(number, 1), len(lines)) - 1].strip()
