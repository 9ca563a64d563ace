"""What a record says: content and data of each other, as Cloudflare answers them and as a name server sends them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import dns.exception
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rdtypes.ANY.CAA
import dns.rdtypes.IN.SRV

from workshop.sandbox.json_values import Json, is_mapping

_TO_A_NAME: Final = ("CNAME", "MX", "NS", "PTR")
"""Their content is a name, which Cloudflare answers in lower case (terraform-provider-cloudflare, dns_record)."""


class CloudflareRefusal(Exception):
    """One error of an answer's envelope."""

    def __init__(self, code: int, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


def fields_of(values: Mapping[str, Json]) -> dict[str, Json]:
    """Content, and for CAA and SRV data and priority, whichever of them a request gives. Raises CloudflareRefusal."""
    kind, content, data = values.get("type"), values.get("content"), values.get("data")
    if kind in _TO_A_NAME and isinstance(content, str):
        return {"content": content.lower().rstrip(".") or "."}
    if kind not in ("CAA", "SRV"):
        return {"data": None}
    try:
        text = _from_data(kind, data) if is_mapping(data) else _from_content(kind, str(content or ""), values)
        rdata = dns.rdata.from_text(dns.rdataclass.IN, dns.rdatatype.from_text(kind), text)
    except (dns.exception.DNSException, KeyError, TypeError, ValueError):
        raise CloudflareRefusal(1004, f"DNS Validation Error: the data of a {kind} record is invalid") from None
    if isinstance(rdata, dns.rdtypes.ANY.CAA.CAA):
        said = {"flags": rdata.flags, "tag": rdata.tag.decode(), "value": rdata.value.decode()}
        return {"data": said, "content": rdata.to_text()}
    assert isinstance(rdata, dns.rdtypes.IN.SRV.SRV)
    target = rdata.target.to_text(omit_final_dot=True).lower()
    said = {"priority": rdata.priority, "weight": rdata.weight, "port": rdata.port, "target": target}
    content = f"{rdata.weight} {rdata.port} {target}"
    return {"data": said, "content": content, "priority": rdata.priority}


def as_sent(kind: str, content: str, priority: int | None) -> str:
    """The content as zone files write it, names with their dot."""
    if kind == "TXT":
        text = content[1:-1] if content.startswith('"') and content.endswith('"') else content
        pieces = [text[at : at + 200] for at in range(0, len(text), 200)] or [""]
        return " ".join('"' + piece.replace("\\", "\\\\").replace('"', '\\"') + '"' for piece in pieces)
    name = f"{content.rstrip('.')}." if kind in (*_TO_A_NAME, "SRV") else content
    return f"{priority or 0} {name}" if kind in ("MX", "SRV") else name


def _from_data(kind: str, data: Mapping[str, Json]) -> str:
    if kind == "CAA":
        value = str(data["value"]).replace("\\", "\\\\").replace('"', '\\"')
        return f'{int(data.get("flags", 0))} {data["tag"]} "{value}"'
    return f"{int(data['priority'])} {int(data['weight'])} {int(data['port'])} {str(data['target']).rstrip('.')}."


def _from_content(kind: str, content: str, values: Mapping[str, Json]) -> str:
    if kind == "CAA":
        return content
    fields = content.split()
    if len(fields) == 3:
        fields = [str(int(values["priority"])), *fields]
    return " ".join([*fields[:-1], f"{fields[-1].rstrip('.')}."]) if fields else ""
