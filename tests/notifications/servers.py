"""The other side: mail servers, a mailbox, and web services, real ones on this machine."""

import asyncio
import json
import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"
MESSAGE_ID = re.compile(rb"(?im)^Message-ID: <([0-9a-f]{32})@")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


# ---- mail ----


@dataclass
class Postman:
    """What a mail server took, and how it behaves."""

    taken: list[Envelope] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)  # to RCPT, by address
    on_mail: Callable[[], str] | None = None
    on_data: Callable[[Envelope], str] | None = None
    drops: Counter[str] = field(default_factory=Counter)  # connections cut after DATA, by address
    stalls: set[str] = field(default_factory=set)  # addresses for which DATA is never answered
    most: int = 1000  # connections at a time
    open: int = 0
    peak: int = 0
    connections: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    async def handle_EHLO(  # noqa: N802 - the name that aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope, name: str, says: list[str]
    ) -> list[str]:
        del envelope
        if not getattr(server, "is_admitted", True):
            return ["421 4.7.0 Too many connections from your host"]
        session.host_name = name
        return says

    async def handle_MAIL(  # noqa: N802 - the name that aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        del server, session, options
        if self.on_mail is not None and not (answer := self.on_mail()).startswith("250"):
            return answer
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - the name that aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        del server, session, options
        answer = self.answers.get(address, "250 2.1.5 Recipient ok")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(  # noqa: N802 - the name that aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        del session
        (address,) = envelope.rcpt_tos
        if address in self.stalls:
            await asyncio.sleep(60)
        if self.on_data is not None and not (answer := self.on_data(envelope)).startswith("250"):
            return answer
        with self.lock:
            self.taken.append(envelope)
        if self.drops[address] > 0:
            self.drops[address] -= 1
            assert server.transport is not None
            server.transport.abort()
        return f"250 2.0.0 Ok: queued as {len(self.taken):06}"

    def numbers(self) -> list[str]:
        """Return the Message-ID of everything that was taken, in order."""
        with self.lock:
            envelopes = list(self.taken)
        return [number_of(envelope) for envelope in envelopes]


def number_of(envelope: Envelope) -> str:
    found = MESSAGE_ID.search(bytes(envelope.content or b""))
    assert found
    return found.group(1).decode()


class Counting(SMTP):
    """A server that knows how many talk to it."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        postman = self.event_handler
        if getattr(self, "counted", False):  # by TLS on the same connection
            super().connection_made(transport)
            return
        self.counted = True
        with postman.lock:
            postman.connections += 1
            postman.open += 1
            self.is_admitted = postman.open <= postman.most
            postman.peak = max(postman.peak, postman.open)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        postman = self.event_handler
        with postman.lock:
            postman.open -= 1
        super().connection_lost(error)


class Server(Controller):
    """A mail server that counts its connections."""

    def factory(self) -> SMTP:
        return Counting(self.handler, **self.SMTP_kwargs)


@contextmanager
def mail_server(postman: Postman, **more: Any) -> Iterator[Server]:
    server = Server(postman, hostname=HOST, port=free_port(), **more)
    server.start()
    while postman.open:  # the controller calls once itself
        time.sleep(0.01)
    postman.connections = postman.peak = 0
    try:
        yield server
    finally:
        server.stop()


def only(user: str, password: str) -> Callable[..., AuthResult]:
    """Return what lets one person in."""

    def judge(_server: Any, _session: Any, _envelope: Any, _how: str, given: Any) -> AuthResult:
        right = LoginPassword(user.encode(), password.encode())
        return AuthResult(success=given == right, handled=False)

    return judge


@contextmanager
def silent_server() -> Iterator[int]:
    """Give the port of a server that takes calls and says nothing."""
    with socket.socket() as listening:
        listening.bind((HOST, 0))
        listening.listen()
        yield int(listening.getsockname()[1])


def certificate(folder: Path, name: str = "localhost") -> tuple[Path, Path]:
    """Write a certificate of this machine and its key; return where they are."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime(2020, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=36500))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    cert_file, key_file = folder / "cert.pem", folder / "key.pem"
    cert_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return cert_file, key_file


# ---- a mailbox ----


@dataclass
class Box:
    """A mailbox with folders; a mail is its text and its flags."""

    folders: dict[str, list[tuple[int, bytes, set[str]]]] = field(
        default_factory=lambda: {"INBOX": []}
    )
    user: str = "bounces@example.com"
    password: str = "sesame"
    next_uid: int = 1

    def put(self, raw: bytes) -> int:
        uid, self.next_uid = self.next_uid, self.next_uid + 1
        self.folders["INBOX"].append((uid, raw, set()))
        return uid

    def unread(self) -> list[int]:
        return [uid for uid, _raw, flags in self.folders["INBOX"] if "\\Seen" not in flags]


class _ImapTalk:
    """As much of IMAP4rev1 as reading a mailbox takes."""

    def __init__(
        self, box: Box, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.box, self.reader, self.writer = box, reader, writer
        self.folder: list[tuple[int, bytes, set[str]]] = []

    async def run(self) -> None:
        self.say("* OK ready")
        try:
            while line := await self.reader.readline():
                if self.answer(line.decode().strip()) == "LOGOUT":
                    break
        finally:
            self.writer.close()

    def answer(self, line: str) -> str:
        """Do what a line asks for, and return its command."""
        tag, _, rest = line.partition(" ")
        words = re.findall(r'"[^"]*"|\([^)]*\)|\S+', rest)
        command = words[0].upper()
        if command == "UID":
            command, words = words[1].upper(), words[1:]
        said = getattr(self, f"do_{command.lower()}", self.unknown)(*words[1:])
        self.say(f"{tag} {said}")
        return str(command)

    def say(self, line: str, literal: bytes | None = None) -> None:
        self.writer.write(line.encode() + b"\r\n" if literal is None else line.encode() + literal)

    def unknown(self, *_words: str) -> str:
        return "BAD unknown"

    def do_capability(self) -> str:
        self.say("* CAPABILITY IMAP4rev1")
        return "OK done"

    def do_login(self, user: str, password: str) -> str:
        right = (user.strip('"'), password.strip('"')) == (self.box.user, self.box.password)
        return "OK in" if right else "NO [AUTHENTICATIONFAILED] wrong password"

    def do_select(self, name: str) -> str:
        if name.strip('"') not in self.box.folders:
            return "NO no such folder"
        self.folder = self.box.folders[name.strip('"')]
        self.say(f"* {len(self.folder)} EXISTS")
        return "OK [READ-WRITE] selected"

    def do_search(self, *_what: str) -> str:
        self.say("* SEARCH " + " ".join(str(uid) for uid in self.box.unread()))
        return "OK done"

    def do_fetch(self, uid: str, _what: str) -> str:
        for place, (number, raw, _flags) in enumerate(self.folder, start=1):
            if number == int(uid):
                head = f"* {place} FETCH (UID {uid} BODY[]<0> {{{len(raw)}}}\r\n"
                self.say(head, raw + b")\r\n")
        return "OK done"

    def do_store(self, uid: str, _how: str, flags: str) -> str:
        for number, _raw, kept in self.folder:
            if number == int(uid):
                kept |= set(flags.strip("()").split())
        return "OK done"

    def do_copy(self, uid: str, name: str) -> str:
        if name.strip('"') not in self.box.folders:
            return "NO [TRYCREATE] no such folder"
        found = [one for one in self.folder if one[0] == int(uid)]
        self.box.folders[name.strip('"')] += found
        return "OK done"

    def do_create(self, name: str) -> str:
        self.box.folders.setdefault(name.strip('"'), [])
        return "OK done"

    def do_expunge(self) -> str:
        self.folder[:] = [one for one in self.folder if "\\Deleted" not in one[2]]
        return "OK done"

    def do_logout(self) -> str:
        self.say("* BYE")
        return "OK done"


@contextmanager
def imap_server(box: Box) -> Iterator[int]:
    """Serve a mailbox; give the port."""
    loop = asyncio.new_event_loop()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _ImapTalk(box, reader, writer).run()

    server = loop.run_until_complete(asyncio.start_server(talk, HOST, 0))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


async def _end(server: asyncio.Server) -> None:
    """Close a server, and end the talks that are still going on."""
    server.close()
    talks = asyncio.all_tasks() - {asyncio.current_task()}
    for talk in talks:
        talk.cancel()
    await asyncio.gather(*talks, return_exceptions=True)
    await asyncio.sleep(0)  # what they closed is let go of in the next turn


# ---- web services ----


@dataclass
class Web:
    """What a web service was asked, and what it answers."""

    asked: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    status: int = 200
    body: Any = field(default_factory=lambda: {"errcode": 0, "errmsg": "ok"})
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"


@contextmanager
def web_server() -> Iterator[Web]:
    """Serve answers; give what was asked."""
    web = Web()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            web.asked.append((self.path, dict(self.headers), self.rfile.read(length)))
            said = web.body if isinstance(web.body, bytes) else json.dumps(web.body).encode()
            self.send_response(web.status)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_GET = do_POST  # noqa: N815 - the name that the library calls

        def log_message(self, *_given: Any) -> None:
            pass

    server = ThreadingHTTPServer((HOST, 0), Handler)
    web.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield web
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
