"""What mail clients do not hand down: font, ink and paper, written on every table and cell.

Outlook gives a table neither the font nor the colour of what stands around it, and web mail takes
<body> away. `bgcolor` says the paper where styles are ignored; said together with the ink, it also
keeps both readable where a client turns colours round at night.
"""

import re

FONT = (
    "font-family:'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif;"
    "font-size:16px;line-height:1.7"
)
INK = "color:#17212e"
PAPER = "#ffffff"
_TAG = re.compile(r"<(table|caption|td|th)((?:\s[^<>]*)?)>")
_STYLE = re.compile(r'\sstyle="([^"]*)"')
_COLOUR = re.compile(r"(?:^|;)color:")


def written_out(html: str) -> str:
    """Return a letter with font, ink and paper on each of its tables and cells that lacks them."""
    return _TAG.sub(_written, html)


def _written(found: re.Match[str]) -> str:
    tag, attributes = found.groups()
    given = _STYLE.search(attributes)
    style = given.group(1).rstrip(";") if given else ""
    parts = [style] if style else []
    if "font-family:" not in style:
        parts.append(FONT)
    if not _COLOUR.search(style):
        parts.append(INK)
    rest = _STYLE.sub("", attributes)
    if tag in {"td", "th"} and "background:" not in style:
        parts.append(f"background:{PAPER}")
        rest += "" if "bgcolor=" in rest else f' bgcolor="{PAPER}"'
    return f'<{tag}{rest} style="{";".join(parts)}">'
