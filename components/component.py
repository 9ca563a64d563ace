"""What all components share: type token, plain props, and names and options of children."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from pulumi import ComponentResource, ResourceOptions

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


class Component(ComponentResource):
    """A component whose type token is `workshop:components:<Class>`.

    Its args travel as plain props under the same names, so that policies can read what is known before anything
    is declared (a policy sees a component's props, never a decision of this program).
    """

    def __init__(self, name: str, args: DataclassInstance, opts: ResourceOptions | None = None) -> None:
        super().__init__(f"workshop:components:{type(self).__name__}", name, asdict(args), opts)

    def child_name(self, name: str) -> str:
        """The resource name of a child: the component's own, which is its region, and what the child is."""
        return f"{self.pulumi_resource_name}-{name}"

    def child_options(self, **options: Any) -> ResourceOptions:  # noqa: ANN401 - ResourceOptions names and checks them
        """Options for a child, which takes its provider from this component."""
        return ResourceOptions(parent=self, **options)
