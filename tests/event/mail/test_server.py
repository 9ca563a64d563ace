"""What a real mail server is told, by which way, and what its answers mean."""

from __future__ import annotations

import ssl
from collections.abc import Generator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest
from aiosmtpd import smtp
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session
from cryptography import x509

from tests.event.mail.conftest import Post, hang_up
from tests.sandbox.servers_for_tests import free_port
from workshop.event.mail.delivery import Delivery, ServerAway
from workshop.event.mail.folder import MailFolder
from workshop.event.mail.server import MailServer
from workshop.model.event.mail.outbox import State
from workshop.model.settings.mailing import Mailing
from workshop.sandbox.certificates import Authority, Lifetime, certificate_text, key_text, new_key

ADA = "ada@example.com"
PASSWORD = "correct horse"


def mailing(port: int, **more: object) -> Mailing:
    given = {"host": "localhost", "port": port, "security": "none", "sender": "workshop@example.com", **more}
    return Mailing.model_validate(given)


def message(text: str = "Hello.\n") -> EmailMessage:
    made = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    made["To"] = ADA
    made["Message-ID"] = "<october.workshop-01.thanks.0@join.example.com>"
    made.set_content(text)
    return made


def sent(server: MailServer, text: str = "Hello.\n") -> Delivery:
    with closing(server):
        return server.send(message(text), ADA)


@contextmanager
def serving(**options: object) -> Generator[Post]:
    """A mail server that asks for more than ours does."""
    post = Post(port=free_port())
    controller = Controller(post, hostname="localhost", port=post.port, **options)  # pyright: ignore[reportArgumentType]
    controller.start()
    try:
        yield post
    finally:
        controller.stop()


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's, for localhost, and that of a client who knows its authority."""
    folder = tmp_path_factory.mktemp("tls")
    lifetime = Lifetime(begins_at=datetime.now(UTC), ends_at=datetime.now(UTC) + timedelta(hours=1))
    authority, key = Authority("ours", lifetime), new_key()
    signed = authority.sign("mail", key, lifetime, x509.SubjectAlternativeName([x509.DNSName("localhost")]))
    (folder / "server.pem").write_text(certificate_text(signed) + key_text(key), encoding="utf-8")
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "server.pem")
    return server, ssl.create_default_context(cadata=certificate_text(authority.certificate))


def test_lines_that_begin_with_a_dot_arrive_as_they_were(post: Post) -> None:
    assert sent(MailServer(mailing(post.port)), ".\n..two\nend\n").state is State.SENT
    assert post.taken[0].get_content().splitlines() == [".", "..two", "end"]


def test_several_go_over_one_connection(post: Post) -> None:
    post.answers["bob@example.com"] = "550 5.1.1 unknown"
    sessions: set[int] = set()
    post.before_data = lambda server: sessions.add(id(server))
    with closing(MailServer(mailing(post.port))) as server:
        states = [server.send(message(), address).state for address in (ADA, "bob@example.com", ADA)]
    assert states == [State.SENT, State.REFUSED, State.SENT]
    assert len(sessions) == 1


class Refusing(Post):
    """It ends the connection with its refusal, or takes mail of nobody."""

    sender_answer = "250 2.1.0 ok"

    async def handle_MAIL(  # noqa: N802
        self, _server: smtp.SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.sender_answer

    async def handle_RSET(self, server: smtp.SMTP, _session: Session, _envelope: Envelope) -> str:  # noqa: N802
        hang_up(server)
        return "250 ok"


@contextmanager
def refusing() -> Generator[Refusing]:
    post = Refusing(port=free_port())
    controller = Controller(post, hostname="localhost", port=post.port)
    controller.start()
    try:
        yield post
    finally:
        controller.stop()


def test_a_refusal_after_which_the_server_goes_is_a_refusal() -> None:
    with refusing() as post, closing(MailServer(mailing(post.port))) as server:
        post.answers[ADA] = "550 5.1.1 unknown"
        assert server.send(message(), ADA) == Delivery(
            state=State.REFUSED, problem="550 5.1.1, the address is not known there"
        )
        assert server.send(message(), "bob@example.com").state is State.SENT


def test_who_may_not_send_at_all_loses_no_mail() -> None:
    with refusing() as post:
        post.sender_answer = "550 5.7.1 workshop@example.com is unknown"
        with pytest.raises(ServerAway, match=r"takes no mail from this sender: 550 5\.7\.1, a rule"):
            sent(MailServer(mailing(post.port)))


def test_over_tls_the_password_is_taken(tls: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    server, client = tls

    def is_known(_server: object, _session: object, _envelope: object, _kind: str, data: object) -> AuthResult:
        known = isinstance(data, LoginPassword) and data.password == PASSWORD.encode()
        return AuthResult(success=known, handled=False)

    with serving(tls_context=server, require_starttls=True, authenticator=is_known, auth_required=True) as post:
        ours = mailing(post.port, security="starttls", user="workshop")
        assert sent(MailServer(ours, PASSWORD, context=client)).state is State.SENT
        with pytest.raises(ServerAway, match=r"^the mail server refuses the login of mail\.user: 535$"):
            sent(MailServer(ours, "wrong", context=client))
        with pytest.raises(ServerAway, match="CERTIFICATE_VERIFY_FAILED"):
            sent(MailServer(ours, PASSWORD))
        with pytest.raises(ServerAway, match="takes no mail from this sender: 530"):
            sent(MailServer(mailing(post.port)))


def test_tls_from_the_first_byte_on(tls: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    server, client = tls
    with serving(ssl_context=server) as post:
        assert sent(MailServer(mailing(post.port, security="tls"), context=client)).state is State.SENT


def test_no_password_and_no_mail_goes_where_tls_is_not_to_be_had(post: Post) -> None:
    ours = mailing(post.port, security="starttls", user="workshop")
    with pytest.raises(ServerAway, match="it does not offer what is asked for"):
        sent(MailServer(ours, PASSWORD))
    assert post.taken == []


def test_a_folder_takes_the_place_of_a_server(tmp_path: Path) -> None:
    with closing(MailFolder(tmp_path / "mail")) as folder:
        for _ in range(2):
            assert folder.send(message(), ADA).state is State.SENT
    (file,) = (tmp_path / "mail").iterdir()
    assert (file.name, file.stat().st_mode & 0o777) == ("october.workshop-01.thanks.0.eml", 0o600)
    (tmp_path / "file").touch()
    with pytest.raises(ServerAway, match=r"Not a directory|File exists"):
        MailFolder(tmp_path / "file").send(message(), ADA)
