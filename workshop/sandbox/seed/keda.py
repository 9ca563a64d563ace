"""KEDA's definition of ScaledObjects, as far as it is documented and used here; nothing of KEDA runs in the sandbox.

Source: KEDA documentation 2.20, ScaledObject specification. KEDA's own definition has all of it, and more.
"""

from __future__ import annotations

from typing import Final

from workshop.sandbox.json_values import Json

_TEXT: Final[Json] = {"type": "string"}
_NUMBER: Final[Json] = {"type": "integer", "format": "int32"}
_ANY: Final[Json] = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}


def _object(*required: str, **properties: Json) -> Json:
    return {"type": "object", "properties": properties, **({"required": [*required]} if required else {})}


def _choice(*values: str) -> Json:
    return {"type": "string", "enum": [*values]}


_FALLBACKS: Final = (
    "static",
    "currentReplicas",
    "currentReplicasIfHigher",
    "currentReplicasIfLower",
    "scalingModifiers",
)
_SPEC: Final = _object(
    "scaleTargetRef",
    "triggers",
    scaleTargetRef=_object("name", apiVersion=_TEXT, kind=_TEXT, name=_TEXT, envSourceContainerName=_TEXT),
    pollingInterval=_NUMBER,
    cooldownPeriod=_NUMBER,
    initialCooldownPeriod=_NUMBER,
    idleReplicaCount=_NUMBER,
    minReplicaCount=_NUMBER,
    maxReplicaCount=_NUMBER,
    fallback=_object(
        "failureThreshold", "replicas", failureThreshold=_NUMBER, replicas=_NUMBER, behavior=_choice(*_FALLBACKS)
    ),
    advanced=_object(
        restoreToOriginalReplicaCount={"type": "boolean"},
        scalingModifiers=_object(
            formula=_TEXT, target=_TEXT, activationTarget=_TEXT, metricType=_choice("AverageValue", "Value")
        ),
        horizontalPodAutoscalerConfig=_object(name=_TEXT, behavior=_ANY),
    ),
    triggers={
        "type": "array",
        "items": _object(
            "type",
            "metadata",
            type=_TEXT,
            name=_TEXT,
            metadata={"type": "object", "additionalProperties": _TEXT},
            metricType=_TEXT,
            useCachedMetrics={"type": "boolean"},
            authenticationRef=_object("name", kind=_TEXT, name=_TEXT),
        ),
    },
)

SCALED_OBJECTS: Final[dict[str, Json]] = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "scaledobjects.keda.sh"},
    "spec": {
        "group": "keda.sh",
        "scope": "Namespaced",
        "names": {
            "kind": "ScaledObject",
            "listKind": "ScaledObjectList",
            "plural": "scaledobjects",
            "singular": "scaledobject",
            "shortNames": ["so"],
        },
        "versions": [
            {
                "name": "v1alpha1",
                "served": True,
                "storage": True,
                "subresources": {"status": {}},
                "schema": {"openAPIV3Schema": _object("spec", spec=_SPEC, status=_ANY)},
            }
        ],
    },
}
