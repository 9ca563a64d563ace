"""What strangers, other pages and participants try."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from httpx2 import Response

from tests.event.door.conftest import ORIGIN, AtTheDoor
from workshop.event.door.app import HEADERS

PAGES = [
    "/",
    "/me",
    "/me/hand",
    "/me/finish",
    "/go",
    "/room",
    "/nowhere",
    "/static/door.css",
    "/static/none",
    "/healthz",
]


def same(response: Response) -> tuple[int, str]:
    """What a stranger sees of an answer; the seal of its forms is random anyway."""
    return response.status_code, re.sub(r'value="\w{64}"', "", response.text)


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_has_every_header(door: AtTheDoor, path: str) -> None:
    for browser in (door.browser(), door.of()):
        found = browser.get(path).headers
        assert {name: found.get(name) for name in HEADERS} == HEADERS


def test_no_page_needs_what_the_policy_forbids(door: AtTheDoor) -> None:
    door.make_ready()
    for path in ("/", "/room", "/me", "/me/hand", "/me/finish", "/nowhere"):
        text = door.of().get(path).text
        assert not re.search(r"<style|style=|\son\w+=|<script(?! src=\"/static/)", text)
        assert not re.findall(r"""(?:src|href)="(?!/|\?|#)""", text)


def test_cookies_are_for_this_host_tls_and_servers_only(door: AtTheDoor) -> None:
    browser, link = door.browser(), door.link()
    for response in (browser.get(link), browser.post(link)):
        for cookie in response.headers.get_list("set-cookie"):
            assert cookie.startswith("__Host-")
            assert {"Secure", "HttpOnly", "Path=/", "SameSite=lax"} <= {*cookie.split("; ")}
            assert "Domain" not in cookie


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example.com"},
        {"Origin": "null"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Origin": ORIGIN.replace("https", "http")},
        {"Origin": f"{ORIGIN}.evil.example.com"},
        {"Origin": ORIGIN, "Sec-Fetch-Site": "same-site"},
        {},
    ],
    ids=["foreign", "null", "null-cross", "plain", "suffix", "same-site", "none"],
)
def test_forms_of_other_pages_are_not_taken(door: AtTheDoor, headers: dict[str, str]) -> None:
    door.make_ready()
    browser = door.of()
    door.keeper_looks()
    csrf = re.findall(r'name="csrf" value="(\w+)"', browser.get("/me").text)[0]
    assert browser.client.post("/me/save", data={"csrf": csrf}, headers=headers).status_code == 403
    assert door.asked() == []


def test_a_browser_that_says_so_itself_needs_no_origin(door: AtTheDoor) -> None:
    browser = door.of()
    csrf = re.findall(r'name="csrf" value="(\w+)"', browser.get("/me").text)[0]
    says = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
    assert browser.client.post("/me/raise-hand", data={"csrf": csrf}, headers=says).status_code == 303


@pytest.mark.parametrize("path", ["/me/save", "/me/finish", "/sign-out", "/room", "LINK"])
def test_forms_need_the_seal_of_their_own_browser(door: AtTheDoor, path: str) -> None:
    browser, other = door.of(), door.of("workshop-02")
    door.keeper_looks()
    stolen = re.findall(r'name="csrf" value="(\w+)"', other.get("/me").text)[0]
    path = door.link() if path == "LINK" else path
    for csrf in ("", stolen):
        sent = browser.client.post(path, data={"csrf": csrf}, headers={"Origin": ORIGIN})
        assert sent.status_code == 403
    assert door.asked() == []


def test_links_that_are_unknown_over_or_withdrawn_look_alike(door: AtTheDoor) -> None:
    over = door.link("workshop-01")
    door.now += timedelta(days=8)
    withdrawn = door.link("workshop-02")
    door.store.invitations.revoke("workshop-02", door.now)
    stranger = door.browser()
    unknown = f"/i/{'A' * 43}"
    nowhere = same(stranger.get("/nowhere"))
    assert nowhere[0] == 404
    for path in (unknown, over, withdrawn, "/i/x", "/i/%00", "/me/save/x"):
        assert same(stranger.get(path)) == nowhere
    for path in (unknown, over, withdrawn):
        assert same(stranger.post(path, "/room")) == nowhere
    assert "__Host-workshop" not in stranger.client.cookies


def test_staff_pages_are_not_there_for_participants(door: AtTheDoor) -> None:
    browser = door.of()
    assert same(browser.get("/staff/waiting")) == same(browser.get("/nowhere"))
    assert browser.post("/staff/waiting/admit", "/me", waiting="x").status_code == 404
    assert door.browser().get("/staff/waiting").status_code == 403


def test_guesses_get_nobody_in_and_keep_nobody_out(door: AtTheDoor) -> None:
    code = door.store.room.open(door.now, door.now + timedelta(minutes=10))
    stranger = door.browser()
    csrf = re.findall(r'name="csrf" value="(\w+)"', stranger.get("/room").text)[0]
    statuses: set[int] = set()
    for number in range(200):  # benchmarks/door has ten thousand
        form = {"csrf": csrf, "code": f"{number:010}", "name": "x", "email": "x@example.com"}
        statuses.add(stranger.client.post("/room", data=form, headers={"Origin": ORIGIN}).status_code)
    assert statuses == {404, 429}
    assert door.store.room.queue() == ()
    honest = door.browser()
    assert honest.get(door.link()).status_code == 200
    assert honest.post("/room", code=code, name="Ada", email="ada@example.com").status_code == 303


def test_names_and_hands_are_text_wherever_they_are_shown(door: AtTheDoor) -> None:
    evil = '"><img src=x onerror=alert(1)>'
    browser = door.of("workshop-02")  # whose name is a script
    browser.post("/me/raise-hand", "/me/hand", text=evil)
    door.keeper_looks()
    code = door.store.room.open(door.now, door.now + timedelta(minutes=10))
    door.browser().post("/room", code=code, name=evil, email="evil@example.com")
    pages = [browser.get(path).text for path in ("/me", "/me/hand", "/me/finish")]
    pages += [door.browser().get(door.link("workshop-02")).text, door.of("staff-2").get("/staff/waiting").text]
    assert "&lt;script&gt;alert(1)" in pages[0]
    assert "&lt;img src=x" in pages[0]
    assert "&lt;img src=x" in pages[-1]
    for page in pages:
        assert "<script>" not in page
        assert "<img" not in page


def test_a_seat_of_somebody_else_is_never_asked_about(door: AtTheDoor) -> None:
    """A form that names another seat is about the asker's own; a request that does is refused by the keeper."""
    door.make_ready(1)
    door.make_ready(2)
    door.of("workshop-02").post("/me/save", "/me", seat="1", person="workshop-01")
    door.keeper_looks()
    assert [one.save_wanted_at is not None for one in door.store.records.seats()] == [False, True, False]
    door.store.requests.ask("workshop-02", "save", door.now, seat=1)
    door.keeper_looks()
    assert door.store.records.seats()[0].save_wanted_at is None
    assert door.store.records.journal()[-1].text == "asked by workshop-02: it is somebody else's seat"


@pytest.mark.parametrize("query", ["?to=https://evil.example.com", "?next=//evil.example.com", "//evil.example.com"])
def test_nobody_is_sent_elsewhere(door: AtTheDoor, query: str) -> None:
    door.make_ready()
    found = door.of().get(f"/go{query}")
    assert "evil" not in found.headers.get("location", "")


def test_more_than_a_form_has_is_not_read(door: AtTheDoor) -> None:
    assert door.of().post("/me/raise-hand", "/me/hand", text="x" * 20_000).status_code == 413
    assert door.browser().client.post("/room", content=b"\xff=\xff").status_code == 400
