"""Bring the English catalogue up to date with the marked texts, and compile it.

.venv/bin/python scripts/translate.py            extract, update, compile, say what is missing
.venv/bin/python scripts/translate.py --check    change nothing; status 1 where anything is missing
"""

import argparse
import io
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "app" / "translations" / "en" / "LC_MESSAGES"
KEYWORDS = {
    "_": None,
    "_l": None,
    "N_": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
}


def marked() -> Catalog:
    """Return every text that is marked in the code and the templates."""
    found = Catalog(project="Bihuan", charset="utf-8")
    with (ROOT / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    texts = extract_from_dir(str(ROOT), method_map=methods, options_map=options, keywords=KEYWORDS)
    for _name, _line, message, _comments, context in texts:
        found.add(message, context=context)
    return found


def kept() -> Catalog:
    """Return the English catalogue as it lies in the tree."""
    path = FOLDER / "messages.po"
    if not path.exists():
        return Catalog(locale="en", project="Bihuan", charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale="en")


def missing(catalogue: Catalog, texts: Catalog) -> list[object]:
    """Return the marked texts without an English wording."""
    found = []
    for message in texts:
        if not message.id:
            continue
        known = catalogue.get(message.id, context=message.context)
        whole = known and (all(known.string) if known.pluralizable else known.string)
        if not whole or (known and known.fuzzy):
            found.append(message.id)
    return found


def compiled(catalogue: Catalog) -> bytes:
    """Return the catalogue as gettext reads it."""
    out = io.BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def update(catalogue: Catalog, texts: Catalog) -> None:
    """Write the catalogue with just the texts that are marked now, sorted by text."""
    catalogue.update(texts, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "messages.po").open("wb") as file:
        write_po(file, catalogue, omit_header=False, sort_output=True, no_location=True, width=100)
    (FOLDER / "messages.mo").write_bytes(compiled(kept()))


def main() -> None:
    """Update or check."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true")
    asked = parser.parse_args()
    texts, catalogue = marked(), kept()
    if not asked.check:
        update(catalogue, texts)
    lacking = missing(catalogue, texts)
    for text in lacking:
        print(f"  without English: {text}")
    print(f"{len(texts)} texts, {len(lacking)} without English")
    sys.exit(1 if lacking and asked.check else 0)


if __name__ == "__main__":
    main()
