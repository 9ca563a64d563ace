"""Values as CEL writes them, for expressions that compare with what is known beforehand."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import cast


def cel_literal(value: object) -> str:
    """JSON as a CEL literal. dyn() round each member: Kubernetes takes lists and maps of one type only.

    Raises TypeError where a value is not JSON.
    """
    if isinstance(value, Mapping):
        members = cast("Mapping[str, object]", value).items()
        return f"{{{', '.join(f'{cel_literal(key)}: dyn({cel_literal(member)})' for key, member in members)}}}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{', '.join(f'dyn({cel_literal(member)})' for member in cast('Sequence[object]', value))}]"
    if value is None or isinstance(value, (bool, int, float, str)):
        # CEL knows JSON's escapes, but for a pair of surrogates.
        return json.dumps(value, ensure_ascii=False)
    raise TypeError(f"{type(value).__name__} is not JSON")
