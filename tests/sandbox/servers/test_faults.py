"""Faults that are planted in answers, of whichever server, until they are taken out."""

from __future__ import annotations

from collections.abc import Generator

import httpx
import pytest

from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.servers.faults import Fault, faults_file, plant_faults


@pytest.fixture
def faulty(sandbox: SandboxPaths) -> Generator[SandboxPaths]:
    try:
        yield sandbox
    finally:
        faults_file(sandbox).unlink(missing_ok=True)


def answer(paths: SandboxPaths, path: str) -> tuple[int, str]:
    found = httpx.get(f"{paths.litellm_endpoint}{path}")
    return found.status_code, found.text


def test_faults_are_answered_until_they_are_mended(faulty: SandboxPaths) -> None:
    plant_faults(faulty, {"/litellm/key": Fault(status=500), "/litellm/health/readiness": Fault(body="<html>")})
    assert answer(faulty, "/key/info") == (500, '{"message": "planted"}')
    assert answer(faulty, "/health/readiness") == (200, "<html>")
    assert answer(faulty, "/health/liveliness")[0] == 200

    plant_faults(faulty, {})
    assert answer(faulty, "/health/readiness")[1] != "<html>"


def test_the_longest_beginning_counts(faulty: SandboxPaths) -> None:
    plant_faults(faulty, {"/litellm": Fault(status=401), "/litellm/health": Fault(status=503)})
    assert answer(faulty, "/health/liveliness")[0] == 503
    assert answer(faulty, "/key/info")[0] == 401


def test_a_file_that_can_not_be_read_is_told(faulty: SandboxPaths) -> None:
    faults_file(faulty).write_text('{"/litellm": {"wrong": 1}}', "utf-8")
    status, text = answer(faulty, "/health/liveliness")
    assert status == 500
    assert "faults.json can't be read" in text


def test_an_answer_may_be_late(faulty: SandboxPaths) -> None:
    plant_faults(faulty, {"/litellm/health/liveliness": Fault(delay_seconds=2)})
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(f"{faulty.litellm_endpoint}/health/liveliness", timeout=0.2)
