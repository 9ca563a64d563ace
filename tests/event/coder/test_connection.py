from __future__ import annotations

import ssl
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509

from tests.answering import answering
from tests.event.coder.replay import TOKEN, URL, record
from workshop.event.coder.client import Coder
from workshop.event.coder.connection import PAGE, PAUSES_SECONDS
from workshop.event.coder.errors import CoderError, CoderRefused, CoderUnreachable, RateLimited, UnexpectedAnswer
from workshop.event.coder.pace import CALLS_A_MINUTE
from workshop.sandbox.certificates import Authority, Lifetime, certificate_text, key_text, new_key

HOUR = timedelta(hours=1)
ME = record("023-me").response_body
Answer = httpx.Response | Exception


class Server:
    """Gives one answer after the other, the last one for ever; its clock goes as its client sleeps."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.asked: list[httpx.Request] = []
        self.slept: list[float] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def client(self, token: str = TOKEN) -> Coder:
        return Coder(
            URL, token, transport=httpx.MockTransport(self), clock=lambda: sum(self.slept), sleep=self.slept.append
        )


def me() -> httpx.Response:
    return httpx.Response(200, json=ME)


def own_name(coder: Coder) -> str:
    found = coder.user("me")
    assert found is not None
    return found.username


def test_the_limit_of_a_real_coder_is_one() -> None:
    server = Server(record("801-429-api").response)
    with server.client() as coder, pytest.raises(RateLimited) as caught:
        coder.user("me")
    assert str(caught.value) == "GET /users/{user}: too many calls a minute; again in 60 s"


def limited(seconds: str | None) -> httpx.Response:
    return httpx.Response(429, headers={"Retry-After": seconds} if seconds else {}, json={"message": "Too many."})


@pytest.mark.parametrize(
    "failure",
    [httpx.Response(502, text="<html>"), httpx.Response(500, json={"message": "pq: down"}), httpx.ConnectError("no")],
)
def test_what_failed_to_be_read_is_read_again(failure: Answer) -> None:
    server = Server(failure, failure, me())
    with server.client() as coder:
        assert own_name(coder) == "owner"
    assert server.slept == list(PAUSES_SECONDS)


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (httpx.Response(502, text="<html>"), "Coder answered GET /users/{user} with 502"),
        (httpx.Response(500, json={"message": "pq: down"}), "Coder answered GET /users/{user} with 500 pq: down"),
        (httpx.ConnectError("refused"), "Coder can't be reached: refused"),
        (httpx.ReadTimeout("slow"), "Coder did not answer GET /users/{user} within 8 s"),
    ],
)
def test_what_keeps_failing_is_unreachable(failure: Answer, said: str) -> None:
    server = Server(failure)
    with server.client() as coder, pytest.raises(CoderUnreachable) as caught:
        coder.user("me")
    assert (str(caught.value), len(server.asked)) == (said, 3)


@pytest.mark.parametrize("failure", [httpx.Response(502), httpx.ReadTimeout("slow")])
def test_what_would_make_something_is_sent_once(failure: Answer) -> None:
    server = Server(failure)
    with server.client() as coder, pytest.raises(CoderUnreachable):
        coder.add_member("one", "ada")
    assert len(server.asked) == 1


def test_a_refusal_is_asked_once() -> None:
    server = Server(httpx.Response(403, json={"message": "No."}))
    with server.client() as coder, pytest.raises(CoderRefused, match=r"^Coder refused GET /users/{user} \(403\): No$"):
        coder.user("me")
    assert len(server.asked) == 1


def test_a_short_limit_is_waited_for_even_by_what_makes_something_since_nothing_was_made() -> None:
    server = Server(limited("7"), httpx.Response(200, json={}))
    with server.client() as coder:
        coder.add_member("one", "ada")
    assert (len(server.asked), server.slept) == (2, [7.0])


@pytest.mark.parametrize(("given", "wait"), [("60", 60.0), (None, 60.0), ("Mon, 30 Nov 2026 09:00:00 GMT", 60.0)])
def test_a_long_limit_is_the_callers_to_plan_and_nothing_is_asked_until_then(given: str | None, wait: float) -> None:
    server = Server(limited(given), me())
    with server.client() as coder:
        for passed in (0, 10):
            server.slept.append(passed)
            with pytest.raises(RateLimited) as caught:
                coder.user("me")
            assert caught.value.retry_after == wait - passed
        assert len(server.asked) == 1
        server.slept.append(wait - 10)
        assert own_name(coder) == "owner"


def test_limits_without_end_are_given_up() -> None:
    server = Server(limited("1"))
    with server.client() as coder, pytest.raises(RateLimited):
        coder.user("me")
    assert len(server.asked) == 1 + len(PAUSES_SECONDS)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            httpx.Response(307, headers={"Location": "https://coder.example.com"}),
            "Coder answered GET /users/{user} with 307",
        ),
        (httpx.Response(200, text="<html>"), "Coder (version unknown) sent what this client does not know: the answer"),
        (
            httpx.Response(200, headers={"X-Coder-Build-Version": "v9"}, json=ME | {"username": None}),
            "Coder (version v9) sent what this client does not know: username: Input should be a valid string",
        ),
    ],
)
def test_what_is_not_coders_is_not_taken_for_it(answer: httpx.Response, said: str) -> None:
    with Server(answer).client() as coder, pytest.raises(UnexpectedAnswer) as caught:
        coder.user("me")
    assert str(caught.value).startswith(said)


@pytest.mark.parametrize("token", ["", " \n", "0123\n456", "tokén"])
def test_what_is_no_token_is_refused_and_not_repeated(token: str) -> None:
    with pytest.raises(CoderError) as caught:
        Server(me()).client(token)
    assert str(caught.value) == "the token for Coder is empty, or has characters that no token has"


def test_a_token_from_a_file_that_ends_its_line_is_taken() -> None:
    server = Server(me())
    with server.client(f"{TOKEN}\n") as coder:
        coder.user("me")
    assert server.asked[0].headers["Coder-Session-Token"] == TOKEN


def test_a_value_stays_in_its_place() -> None:
    server = Server(httpx.Response(404, json={"message": "No."}))
    with server.client() as coder:
        assert coder.workspace_of("ada", "a/b?c=d#e") is None
        assert server.asked[0].url.raw_path == b"/api/v2/users/ada/workspace/a%2Fb%3Fc%3Dd%23e"
        for value in ("", ".", ".."):
            with pytest.raises(ValueError, match="can't be asked for"):
                coder.workspace_of(value, "lab")


def listing(total: int, at_most: int, hidden: int = 0) -> Callable[[httpx.Request], httpx.Response]:
    """A list that counts what it does not show."""

    def answer(request: httpx.Request) -> httpx.Response:
        offset, limit = (int(request.url.params[key]) for key in ("offset", "limit"))
        shown = range(total - hidden)[offset : offset + min(limit, at_most)]
        users = [ME | {"id": str(number), "username": f"user-{number}"} for number in shown]
        return httpx.Response(200, json={"users": users, "count": total})

    return answer


@pytest.mark.parametrize(("total", "at_most"), [(0, PAGE), (3, PAGE), (2 * PAGE + 1, PAGE), (250, 100)])
def test_a_list_is_read_to_its_end(total: int, at_most: int) -> None:
    with Coder(URL, TOKEN, transport=httpx.MockTransport(listing(total, at_most))) as coder:
        assert [one.username for one in coder.users()] == [f"user-{number}" for number in range(total)]


def test_a_list_that_shows_less_than_it_counts_is_inconclusive() -> None:
    with (
        Coder(URL, TOKEN, transport=httpx.MockTransport(listing(5, PAGE, hidden=1))) as coder,
        pytest.raises(UnexpectedAnswer, match="Coder listed 4 of 5 users"),
    ):
        coder.users()


class Limiter:
    """Coder's limit: calls of this minute and a share of the last one's (go-chi/httprate), by path."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.calls: Counter[tuple[str, int]] = Counter()
        self.refused = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        minute, second = divmod(self.clock(), 60)
        path = request.url.path
        weighed = self.calls[path, int(minute) - 1] * (60 - second) / 60 + self.calls[path, int(minute)]
        if weighed + 1 > 512:
            self.refused += 1
            return limited("60")
        self.calls[path, int(minute)] += 1
        return httpx.Response(409 if request.method == "POST" else 200, json={"message": "No."} | ME)


def test_five_hundred_seats_stay_below_coders_limit() -> None:
    now = 30.0

    def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    limiter, tries = Limiter(lambda: now), 0
    with Coder(URL, TOKEN, transport=httpx.MockTransport(limiter), clock=lambda: now, sleep=sleep) as coder:
        made = 0
        while made < 500:
            tries += 1
            sleep(0.05)
            try:
                coder.create_user("owner", ME["email"], login_type="none", organization_id="one")
                made += 1
            except RateLimited as wait:
                sleep(min(wait.retry_after, 15.0))  # the keeper's next look
    assert (made, limiter.refused) == (500, 0)
    assert 500 < tries < 540
    assert max(limiter.calls.values()) <= CALLS_A_MINUTE
    assert now - 30 < 5 * 60


def test_over_http_a_server_is_asked_and_one_that_is_gone_is_unreachable() -> None:
    with answering({"GET /coder/api/v2/users/me": (200, ME)}) as served:
        coder = Coder(f"{served.url}/coder/", TOKEN, sleep=lambda _: None)
        assert own_name(coder) == "owner"
    with coder, pytest.raises(CoderUnreachable, match="Coder can't be reached"):
        coder.user("me")


def test_certificates_of_ones_own_authority_are_taken_and_others_not(tmp_path: Path) -> None:
    lifetime = Lifetime(begins_at=datetime.now(UTC), ends_at=datetime.now(UTC) + HOUR)
    authority, other, key = Authority("ours", lifetime), Authority("other", lifetime), new_key()
    signed = authority.sign("coder", key, lifetime, x509.SubjectAlternativeName([x509.DNSName("localhost")]))
    for name, text in (
        ("ca.crt", certificate_text(authority.certificate)),
        ("other.crt", certificate_text(other.certificate)),
        ("server.pem", certificate_text(signed) + key_text(key)),
        ("empty.crt", ""),
    ):
        (tmp_path / name).write_text(text)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem")
    with answering({"GET /api/v2/users/me": (200, ME)}, context) as served:
        url = served.url.replace("http://127.0.0.1", "https://localhost")
        with Coder(url, TOKEN, authority=str(tmp_path / "ca.crt")) as coder:
            assert own_name(coder) == "owner"
        with (
            Coder(url, TOKEN, authority=str(tmp_path / "other.crt"), sleep=lambda _: None) as coder,
            pytest.raises(CoderUnreachable, match="CERTIFICATE_VERIFY_FAILED"),
        ):
            coder.user("me")
    for name in ("empty.crt", "none.crt"):
        with pytest.raises(CoderError, match=rf"{name} can't be read as certificates: "):
            Coder(url, TOKEN, authority=str(tmp_path / name))


def test_what_is_no_address_is_refused() -> None:
    with pytest.raises(CoderError, match=r"^http://coder:port is no address of Coder's: "):
        Coder("http://coder:port", TOKEN)
    with (
        Coder("coder.coder.svc", TOKEN, sleep=lambda _: None) as coder,
        pytest.raises(CoderUnreachable, match="http://"),
    ):
        coder.user("me")
