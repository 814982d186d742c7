"""Take pictures of the main pages: python3 scripts/screens.py.

Without --url it serves a copy of the demo township of its own, so that nothing of yours
changes. The pictures, and an index.html to flip through them, go to instance/screens/.
"""

import argparse
import contextlib
import json
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import _setup
from _setup import PYTHON, ROOT, say, stop

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

WIDTHS = (360, 1440)
HEIGHT = 800
TALLEST = 6000  # longer lists say nothing new
FOLDER = ROOT / "instance" / "screens"
SECONDS = 120  # for a server to answer
PATIENCE = 5000  # milliseconds for a link that is to be followed


@dataclass(frozen=True)
class Shot:
    """One page: as whom, where, and which links to follow from there, one after the other."""

    name: str
    who: str  # a demo account; empty: signed out
    path: str
    follow: tuple[str, ...] = ()
    dark: bool = False
    prefers: str = ""  # a setting of the person for this picture alone
    status: int = 200


OFFICE, DIRECTOR, HANDLER, HEAD = "shenzhixia", "yujinglan", "chengwangchuan", "fangyangeng"
LIAISON, LEADER, CHIEF, SUPERVISOR = "ximuyang", "luanyichen", "ruanhuaiqing", "ducha"
VILLAGE, FIRM, ADMIN, AUDITOR = "cun01", "qiye01", "guanliyuan", "shenji"
NOW, FIRST, CELL = ".bh-now a.btn", ".bh-row-title", "tbody a"
PANEL = "[aria-labelledby=act] a"
ENGLISH, LARGE = "language=en", "large_type=1"
USUALLY = {ENGLISH: "language=zh", LARGE: "large_type=0"}
ROW = ".bh-row > a.btn >> text="  # the button of a row, by its word
DONE = "/tickets?view=closed"

# fmt: off
PAGES = (
    #    what                       as whom     where             and then
    Shot("登录",                    "",         "/login"),
    Shot("反映问题",                "",         "/tell"),
    Shot("反映问题，英文",      "",         "/tell",          prefers=ENGLISH),
    Shot("查进度",                  "",         "/follow"),
    Shot("待办 · 交办员",           OFFICE,     "/"),
    Shot("待办 · 交办员，深色",     OFFICE,     "/",              dark=True),
    Shot("待办 · 交办员，关怀版",   OFFICE,     "/",              prefers=LARGE),
    Shot("待办 · 交办员，英文",     OFFICE,     "/",              prefers=ENGLISH),
    Shot("问题台账",                OFFICE,     "/tickets"),
    Shot("问题台账，找“道路”",      OFFICE,     "/tickets?q=道路"),
    Shot("问题台账，深色",          OFFICE,     "/tickets",       dark=True),
    Shot("问题台账，英文",          OFFICE,     "/tickets",       prefers=ENGLISH),
    Shot("一件事 · 交办员",         OFFICE,     "/",              (FIRST,)),
    Shot("一件事，英文",            OFFICE,     "/",              (FIRST,), prefers=ENGLISH),
    Shot("一件事，已办结",          OFFICE,     DONE,             (FIRST,)),
    Shot("审核答复",                OFFICE,     "/",              (NOW,)),
    Shot("登记回访",                OFFICE,     "/",              (f"{ROW}回访",)),
    Shot("交办",                    OFFICE,     "/",              (f"{ROW}交办",)),
    Shot("催办",                    OFFICE,     "/",              (f"{ROW}催办",)),
    Shot("登记企业问题，选企业",    OFFICE,     "/tickets/new"),
    Shot("登记企业问题",            OFFICE,     "/tickets/new",   (FIRST,)),
    Shot("企业",                    OFFICE,     "/enterprises"),
    Shot("一家企业",                OFFICE,     "/enterprises",   (FIRST,)),
    Shot("新建企业档案",            OFFICE,     "/enterprises/new"),
    Shot("重点项目",                OFFICE,     "/projects"),
    Shot("一个项目",                OFFICE,     "/projects",      (FIRST,)),
    Shot("联系走访",                OFFICE,     "/visits"),
    Shot("一次走访",                OFFICE,     "/visits",        (FIRST,)),
    Shot("免访申请",                OFFICE,     "/visits/exemptions"),
    Shot("走访指标",                OFFICE,     "/visits/quotas"),
    Shot("走访指标 · 包联领导",     LEADER,     "/visits/quotas"),
    Shot("入村调研",                OFFICE,     "/visits/villages"),
    Shot("登记入村调研",            LEADER,     "/visits/villages/new"),
    Shot("专项活动",                OFFICE,     "/visits/campaigns"),
    Shot("一个活动",                OFFICE,     "/visits/campaigns", (FIRST,)),
    Shot("融资、用工需求",          OFFICE,     "/visits/needs"),
    Shot("一项需求",                OFFICE,     "/visits/needs",  (FIRST,)),
    Shot("政策送到了多少家",        OFFICE,     "/visits/policies"),
    Shot("服务企业家日",            OFFICE,     "/service-days"),
    Shot("一场服务企业家日",        OFFICE,     "/service-days", (FIRST,)),
    Shot("安排一场",                OFFICE,     "/service-days/new"),
    Shot("服务企业家日的结果",      OFFICE,     "/service-days", (CELL,)),
    Shot("待核实来信",              OFFICE,     "/tellings"),
    Shot("二维码",                  OFFICE,     "/posters"),
    Shot("待我回访",                OFFICE,     "/tickets/revisits"),
    Shot("抽查回访",                OFFICE,     "/tickets/spot-checks"),
    Shot("评价情况",                OFFICE,     "/reports/ratings"),
    Shot("评价情况 · 负责人",       HEAD,       "/reports/ratings"),
    Shot("消息",                    OFFICE,     "/inbox"),
    Shot("发件箱",                  OFFICE,     "/outbox"),
    Shot("拨快时间",                OFFICE,     "/demo/travel"),
    Shot("设置",                    OFFICE,     "/settings"),
    Shot("修改密码",                OFFICE,     "/password"),
    Shot("帮助",                    OFFICE,     "/help"),
    Shot("组件",                    OFFICE,     "/components"),
    Shot("组件，深色",              OFFICE,     "/components",    dark=True),
    Shot("没有找到",                OFFICE,     "/no-such-page",  status=404),
    Shot("待办 · 营商办主任",       DIRECTOR,   "/"),
    Shot("待办 · 承办人",           HANDLER,    "/"),
    Shot("一件事 · 承办人",         HANDLER,    "/",              (FIRST,)),
    Shot("一件事，深色",            HANDLER,    "/",              (FIRST,), dark=True),
    Shot("承办人的下一步",          HANDLER,    "/",              (NOW,)),
    Shot("待办 · 承办单位负责人",   HEAD,       "/"),
    Shot("一件事 · 负责人",         HEAD,       "/",              (FIRST,)),
    Shot("负责人的申请",            HEAD,       "/",              (FIRST, PANEL)),
    Shot("待办 · 联络员",           LIAISON,    "/"),
    Shot("本月走访",                LIAISON,    "/visits/mine"),
    Shot("登记走访",                LIAISON,    "/visits/mine",   (NOW,)),
    Shot("待办 · 包联领导",         LEADER,     "/"),
    Shot("待办 · 主要负责同志",     CHIEF,      "/"),
    Shot("本周要您定的",            CHIEF,      "/digest"),
    Shot("送阅情况",                OFFICE,     "/digests"),
    Shot("月报",                    DIRECTOR,   "/reports",       (FIRST,)),
    Shot("待办 · 督查员",           SUPERVISOR, "/"),
    Shot("待办 · 村干部",           VILLAGE,    "/"),
    Shot("待办 · 企业用户",         FIRM,       "/"),
    Shot("一件事 · 企业用户",       FIRM,       "/tickets?view=all", (FIRST,)),
    Shot("待办 · 系统管理员",       ADMIN,      "/"),
    Shot("工作日历",                ADMIN,      "/calendar"),
    Shot("账号",                    ADMIN,      "/admin/users"),
    Shot("一个账号",                ADMIN,      "/admin/users",   (CELL,)),
    Shot("单位",                    ADMIN,      "/admin/units"),
    Shot("一个单位",                ADMIN,      "/admin/units",   (CELL,)),
    Shot("派单目录",                ADMIN,      "/catalogue"),
    Shot("一个类别",                ADMIN,      "/catalogue",     (CELL,)),
    Shot("参数",                    ADMIN,      "/admin/parameters"),
    Shot("待办 · 审计员",           AUDITOR,    "/"),
    Shot("审计日志",                AUDITOR,    "/admin/audit"),
)
# fmt: on


def main() -> int:
    """Have a server, take every picture, write the index."""
    options = _parse()
    if Path(sys.prefix).resolve() != _setup.VENV.resolve():
        with _setup.one_at_a_time():
            _setup.install(_setup.DEVELOPMENT)
        again = [PYTHON, __file__, *sys.argv[1:]]
        return subprocess.run(again, env=_setup.environment(), check=False).returncode
    folder = Path(options.to)
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("[0-9][0-9]-*.png"):
        old.unlink()
    with contextlib.ExitStack() as stack:
        url = options.url.rstrip("/") or stack.enter_context(_demo_server())
        missed = _take_all(url, options.password or _password(), folder)
    say(f"\nLook at them: {(folder / 'index.html').resolve().as_uri()}")
    return 1 if missed else 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python3 scripts/screens.py", description="Take pictures of the main pages."
    )
    parser.add_argument("--url", default="", help="a running demo (one of its own)")
    parser.add_argument("--password", default="", help="of the demo accounts")
    parser.add_argument("--to", default=str(FOLDER), help="folder for them (%(default)s)")
    return parser.parse_args()


# ---- a demo of our own ----


@contextlib.contextmanager
def _demo_server() -> Iterator[str]:
    """Serve a copy of the demo township on a free port, and end it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="bihuan-screens-") as name:
        env = _settings(Path(name))
        _prepare(env, Path(name))
        log = Path(name) / "server.log"
        command = [PYTHON, "-m", "flask", "serve", "--host", "127.0.0.1", "--port", str(port)]
        with (
            log.open("w") as output,
            subprocess.Popen(command, cwd=ROOT, env=env, stdout=output, stderr=output) as server,
        ):
            url = f"http://127.0.0.1:{port}"
            try:
                _wait_for(url, server, log)
                yield url
            finally:
                server.terminate()


def _settings(folder: Path) -> dict[str, str]:
    return _setup.environment(
        FLASK_APP="app",
        BIHUAN_SQLALCHEMY_DATABASE_URI=f"sqlite:///{folder / 'bihuan.sqlite'}",
        BIHUAN_MAIL_FOLDER=str(folder / "outbox"),
        BIHUAN_FILES_FOLDER=str(folder / "files"),
        BIHUAN_AUDIT_ANCHOR=str(folder / "audit-anchor.log"),
    )


def _prepare(env: dict[str, str], folder: Path) -> None:
    """Copy this machine's demo if it has one; else load one."""
    kept = ROOT / "instance" / "bihuan.sqlite"
    if kept.exists():
        say("Copying the demo township…")
        with contextlib.closing(sqlite3.connect(f"{kept.as_uri()}?mode=ro", uri=True)) as source:
            source.execute("VACUUM INTO ?", (str(folder / "bihuan.sqlite"),))
    for command in (("db", "upgrade"), ("demo", "load")):
        say(f"flask {' '.join(command)}…")
        done = subprocess.run(
            [PYTHON, "-m", "flask", *command],
            cwd=ROOT,
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            stop(f"That failed; its last words:\n{_setup.last_lines(done.stdout + done.stderr)}")


def _wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Return when the server answers."""
    until = time.monotonic() + SECONDS
    while time.monotonic() < until and server.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=5):  # noqa: S310 - our own
            return
        time.sleep(0.2)
    stop(f"The server did not start; its last words:\n{_setup.last_lines(log.read_text())}")


def _password() -> str:
    """Return the password that the demo accounts share."""
    sys.path.insert(0, str(ROOT))
    from app.cli import PASSWORD  # noqa: PLC0415 - only in .venv

    return PASSWORD


# ---- pictures ----


def _take_all(url: str, password: str, folder: Path) -> list[str]:
    """Take every page at every width; return what could not be taken."""
    sys.path.insert(0, str(ROOT))
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only in .venv

    from tests import browser  # noqa: PLC0415 - it needs the path above

    missed: list[str] = []
    taken: list[tuple[Shot, str]] = []
    options = browser.find().launch_options
    with sync_playwright() as playwright, playwright.chromium.launch(**options) as chromium:
        people = _People(chromium, url, password)
        for number, shot in enumerate(PAGES, start=1):
            name = f"{number:02}"
            wrong = [
                problem for width in WIDTHS if (problem := people.take(shot, width, folder, name))
            ]
            say(f"{'✗' if wrong else '✓'} {shot.name} {' '.join(wrong)}")
            taken.append((shot, name))
            missed += wrong
            _write_index(folder, taken)
    return missed


class _People:
    """One browser for each person and width, signed in once."""

    def __init__(self, chromium: "Browser", url: str, password: str) -> None:
        self.chromium, self.url, self.password = chromium, url, password
        self.contexts: dict[tuple[str, int], BrowserContext] = {}

    def take(self, shot: Shot, width: int, folder: Path, name: str) -> str:
        """Save one picture; return what was wrong, if anything."""
        from playwright.sync_api import Error  # noqa: PLC0415 - only in .venv

        from tests import pages  # noqa: PLC0415 - it needs the path above

        page = self._context(shot.who, width).new_page()
        watch = pages.Watch(self.url)
        watch.over(page)
        try:
            page.emulate_media(color_scheme="dark" if shot.dark else "light")
            self._prefer(page, shot.prefers)
            answer = page.goto(self.url + shot.path)
            for link in shot.follow:
                with page.expect_navigation():
                    page.locator(f"main {link}").first.click(timeout=PATIENCE)
            page.wait_for_load_state()
            page.evaluate("document.fonts.ready.then(() => true)")
            _fit(page, width)
            page.screenshot(path=folder / f"{name}-{width}.png")
            if answer is None or answer.status != shot.status:
                watch.faults.append(f"{answer and answer.status}")
            for check in (pages.assert_fits, pages.assert_own_marks, pages.assert_accessible):
                _note(check, page, watch.faults)
        except Error as error:
            watch.faults.append(str(error).splitlines()[0])
        finally:
            self._prefer(page, USUALLY.get(shot.prefers, ""))
            page.close()
        return "".join(f"\n    {width}: {fault}" for fault in watch.faults)

    def _prefer(self, page: "Page", setting: str) -> None:
        """Press the button of a setting, wherever the menu hides it."""
        if not setting:
            return
        name, _equals, value = setting.partition("=")
        page.goto(self.url)
        button = page.locator(f"button[form=bh-prefs][name={name}][value='{value}']").first
        with page.expect_navigation():
            button.dispatch_event("click")

    def _context(self, who: str, width: int) -> "BrowserContext":
        if (who, width) not in self.contexts:
            context = self.chromium.new_context(
                viewport={"width": width, "height": HEIGHT},
                locale="zh-CN",
                timezone_id="Asia/Shanghai",
            )
            self.contexts[who, width] = context
            if who:
                self._sign_in(context, who)
        return self.contexts[who, width]

    def _sign_in(self, context: "BrowserContext", who: str) -> None:
        page = context.new_page()
        page.goto(self.url)
        page.fill("input[autocomplete=username]", who)
        page.fill("input[type=password]", self.password)
        with page.expect_navigation():
            page.press("input[type=password]", "Enter")
        if page.locator("input[type=password]").count():
            stop(f"{who} could not sign in; is this the demo township?")
        page.close()


def _note(check: Callable[["Page"], None], page: "Page", faults: list[str]) -> None:
    """Write down what a check finds, and go on."""
    try:
        check(page)
    except AssertionError as error:
        faults.append(str(error))


def _fit(page: "Page", width: int) -> None:
    """Make the window as tall as the page, so that what is fixed lies where it should."""
    tall = int(page.evaluate("document.documentElement.scrollHeight"))
    page.set_viewport_size({"width": width, "height": min(max(tall, HEIGHT), TALLEST)})


# ---- the index ----

STYLE = """
body { margin: 0; font: 16px/1.6 system-ui, sans-serif; background: #e9edf1; color: #17212e; }
header { position: sticky; top: 0; display: flex; gap: 16px; align-items: center; padding: 8px 16px;
  background: #fff; border-bottom: 1px solid #d8dee6; }
header b { flex: 1; } button, select { font: inherit; min-height: 40px; }
main { display: flex; gap: 16px; padding: 16px; align-items: flex-start; }
img { display: block; background: #fff; box-shadow: 0 1px 6px rgb(0 0 0 / .2); }
img.narrow { width: 360px; } img.wide { width: calc(100vw - 424px); }
"""
SCRIPT = """
const shots = JSON.parse(document.getElementById("shots").textContent);
const pick = document.querySelector("select");
const show = (n) => {
  const at = (n + shots.length) % shots.length;
  pick.selectedIndex = at;
  location.replace("#" + (at + 1));
  document.querySelector("b").textContent = `${at + 1} / ${shots.length}  ${shots[at].title}`;
  document.querySelector(".narrow").src = shots[at].narrow;
  document.querySelector(".wide").src = shots[at].wide;
  scrollTo(0, 0);
};
for (const shot of shots) pick.append(new Option(shot.title));
pick.addEventListener("change", () => show(pick.selectedIndex));
document.querySelectorAll("button").forEach((button, n) =>
  button.addEventListener("click", () => show(pick.selectedIndex + (n ? 1 : -1))));
addEventListener("keydown", (event) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  show(pick.selectedIndex + step);
});
show(Number(location.hash.slice(1) || 1) - 1);
"""


def _write_index(folder: Path, taken: list[tuple[Shot, str]]) -> None:
    """Write a page that flips through the pictures, both widths side by side."""
    shots = [
        {
            "title": f"{shot.name}（{shot.who or '未登录'}，{shot.path}）",
            "narrow": f"{name}-{WIDTHS[0]}.png",
            "wide": f"{name}-{WIDTHS[1]}.png",
        }
        for shot, name in taken
    ]
    data = json.dumps(shots, ensure_ascii=False).replace("</", "<\\/")
    (folder / "index.html").write_text(
        f"""<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>闭环 · 页面</title>
<style>{STYLE}</style></head>
<body><header><b></b><select aria-label="页面"></select><button aria-label="上一张">←</button>\
<button aria-label="下一张">→</button></header>
<main><img class="narrow" alt="360 像素宽"><img class="wide" alt="1440 像素宽"></main>
<script type="application/json" id="shots">{data}</script><script>{SCRIPT}</script></body></html>
""",
        encoding="utf-8",
    )


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        stop("Stopped; the pictures taken so far are there.")
