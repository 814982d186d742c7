"""Start Bihuan: python3 scripts/run.py.

Makes what is missing (a virtual environment, the database, a demo township in an empty one),
then serves the pages and runs the timetable in one process, until Ctrl-C.
"""

import argparse
import errno
import os
import socket
import subprocess
import sys

import _setup
from _setup import PYTHON, ROOT, say, stop

PORTS = range(65536)
PRIVILEGED = 1024  # ports below it are for administrators, on most systems


def main() -> None:
    """Do everything that comes before serving, then become the server."""
    options = _parse()
    _check_port(options.host, options.port)
    settings = {"FLASK_APP": "app"}
    if "BIHUAN_PUBLIC_URL" not in os.environ:  # what the administrator's link begins with
        settings["BIHUAN_PUBLIC_URL"] = f"http://{options.host}:{options.port}"
    if options.database:
        settings["BIHUAN_SQLALCHEMY_DATABASE_URI"] = options.database
    with _setup.one_at_a_time():
        _setup.install(_setup.RUNTIME)
        env = _setup.environment(**settings)
        say("Bringing the database up to date…")
        _flask(env, "db", "upgrade", failure="The database could not be brought up to date")
        if not options.empty:
            _flask(env, "demo", "load", failure="The demo township could not be loaded", show=True)
    _check_port(options.host, options.port)  # again: another start may have been faster
    say("")
    if options.empty:
        _flask(env, "admin-link", failure="No link for the first administrator", show=True)
    else:
        _flask(env, "demo", "accounts", failure="The demo accounts could not be listed", show=True)
    _serve(env, options.host, options.port)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python3 scripts/run.py",
        description="Start Bihuan: make what is missing, then serve it until Ctrl-C.",
    )
    parser.add_argument(
        "--empty",
        action="store_true",
        help="without the demo township; print a one-time link for the first administrator",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to serve on (%(default)s)")
    parser.add_argument("--port", type=int, default=8000, help="port to serve on (%(default)s)")
    parser.add_argument(
        "--database",
        metavar="URL",
        default="",
        help="where the data lies, such as postgresql://user:password@host/bihuan"
        " (a SQLite file in instance/)",
    )
    options = parser.parse_args()
    if options.database and not options.database.startswith(("sqlite:", "postgresql")):
        parser.error(f"--database {options.database} is neither sqlite:///FILE nor postgresql://…")
    return options


def _check_port(host: str, port: int) -> None:
    """Stop at once where nothing could be served later."""
    if port not in PORTS:
        stop(f"{port} is not a port; choose one from {PRIVILEGED} to {max(PORTS)}: --port 8000.")
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, socket.SOCK_STREAM) as trial:
            if os.name == "posix":  # a port that was just left is free
                trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
    except PermissionError:
        stop(
            f"Port {port} is reserved by this system; choose one from {PRIVILEGED} up: --port 8000."
        )
    except OSError as error:
        if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
            stop(f"This machine has no address {host}; choose another, such as --host 127.0.0.1.")
        stop(
            f"Nothing can be served at {host}:{port} ({error.strerror}); perhaps Bihuan is already"
            f" running at http://{host}:{port}. If not, choose another port: --port {port + 1}."
        )


def _flask(env: dict[str, str], *command: str, failure: str, show: bool = False) -> None:
    """Run one of the product's own commands; its output is seen if it is for people."""
    shown = None if show else subprocess.PIPE
    done = subprocess.run(
        [PYTHON, "-m", "flask", *command],
        cwd=ROOT,
        env=env,
        stdout=shown,
        stderr=subprocess.STDOUT if shown else None,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        said = _setup.last_lines(done.stdout or "")
        stop(f"{failure}; its last words say why, and starting again is safe.\n{said}")


def _serve(env: dict[str, str], host: str, port: int) -> None:
    """Become the server, so that Ctrl-C and a service manager speak to it directly."""
    command = [str(PYTHON), "-m", "flask", "serve", "--host", host, "--port", str(port)]
    os.chdir(ROOT)
    if os.name == "posix":
        sys.stdout.flush()
        os.execve(command[0], command, env)  # noqa: S606 - no shell is wanted
    with subprocess.Popen(command, env=env) as server:
        while True:
            try:
                sys.exit(server.wait())
            except KeyboardInterrupt:  # the server has heard it too, and is ending
                continue


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        stop("Stopped; starting again is safe.")
