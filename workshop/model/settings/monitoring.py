"""Where Prometheus and Grafana look for what this project gives them."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from workshop.model.settings.section import Section
from workshop.model.settings.types import Name, SecretKey, Text, Url


class Monitoring(Section):
    """Alert rules, dashboards and the exporter; unset, none of them is declared (docs/monitoring.md)."""

    namespace: Name = Field(
        default="monitoring", description="where Prometheus finds rules, and Grafana dashboards, in the control plane"
    )
    labels: Mapping[Text, Text] = Field(
        default={}, description="labels by which the operator's Prometheus selects rules and monitors"
    )
    litellm_secret_name: Name = Field(
        default="exporter-litellm", description="Secret beside the exporter that holds the key that workspaces use"
    )
    litellm_secret_key: SecretKey = Field(default="key", description="key of that Secret")
    runbooks_url: Url | None = Field(
        default=None,
        description="where docs/runbooks is read, for alerts to link to",
        examples=["https://github.com/example/workshop/blob/main/docs/runbooks"],
    )
