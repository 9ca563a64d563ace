"""With several workers, what shares a module's fixtures or API servers is one worker's."""

from __future__ import annotations

import pytest
from xdist.scheduler import LoadScopeScheduling  # pyright: ignore[reportMissingTypeStubs]

from tests.conftest import ByFile


def test_files_are_whole_and_all_with_api_servers_are_one(
    pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pytestconfig.option, "tx", ["popen"])
    scope = ByFile(pytestconfig)._split_scope  # pyright: ignore[reportPrivateUsage]
    assert scope("tests/a/test_b.py::Class::test_c[x::y@z]") == scope("tests/a/test_b.py::test_d")
    assert scope("tests/a/test_b.py::test_c") != scope("tests/a/test_e.py::test_c")
    assert scope("tests/clusters/test_b.py::test_c") == scope("tests/clusters/test_e.py::test_c")
    assert issubclass(ByFile, LoadScopeScheduling)
