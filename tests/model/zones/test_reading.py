"""Line ends and numbers that YAML reads otherwise than people do."""

from __future__ import annotations

import pytest

from tests.dns.bad_changes import records
from tests.model.zones.test_every_finding import told
from workshop.model.findings import Refused
from workshop.model.zones.read import read_zones

ODD_LINE_ENDS = {"U+0085": "\x85", "U+2028": "\u2028", "U+2029": "\u2029", "U+000D": "\r"}


@pytest.mark.parametrize(("called", "end"), ODD_LINE_ENDS.items(), ids=ODD_LINE_ENDS)
def test_dns_11_a_line_end_that_only_yaml_sees_is_refused_where_it_is(called: str, end: str) -> None:
    text = records("- {host: a.coderdemo.io, region: us-east-2} # one", f"# two {end} three", "- {host: A.b}")
    assert [one.partition("; ")[0] for one in told(text)] == [
        f"[zone-file] zones/coderdemo.io.yaml:5: contains {called}, which ends a line for YAML and not for editors"
    ]


def test_dns_11_lines_that_end_as_windows_ends_them_are_counted_as_editors_do() -> None:
    text = records("- {host: a.coderdemo.io, region: us-east-2} # one", "- {host: A.coderdemo.io, region: us-east-2}")
    for ends in ("\n", "\r\n"):
        with pytest.raises(Refused) as refused:
            read_zones({"zones/coderdemo.io.yaml": text.replace("\n", ends)})
        assert [one.resource for one in refused.value.findings] == ["zones/coderdemo.io.yaml:5"]


@pytest.mark.parametrize("ttl", ["0300", "0o300", "0x12c", "1_20", "300.0", "3e2", "+300"])
def test_dns_11_a_ttl_that_reads_as_another_number_is_refused(ttl: str) -> None:
    (refused,) = told(records(f"- {{host: a.coderdemo.io, region: us-east-2, ttl: {ttl}}}"))
    assert refused.startswith(f"[zone-file] zones/coderdemo.io.yaml:4: {ttl} is read as ") or "ttl is" in refused
