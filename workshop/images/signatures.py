"""Whether an image is signed by whom the settings name: by Sigstore's bundles, and a trust root of the library's.

Nothing is asked of the network: bundles hold certificate, proof of the log and signature. The root is the one in the
sigstore package, whose hash requirements.txt pins; it changes with the package and in no other way.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import as_file, files
from typing import Final

from pydantic import BaseModel, ValidationError
from sigstore.errors import Error
from sigstore.models import Bundle, TrustedRoot
from sigstore.verify import Verifier
from sigstore.verify.policy import Identity

from workshop.model.images.candidate import Signature, Signed

_ROOT: Final = ("_store", "https%3A%2F%2Ftuf-repo-cdn.sigstore.dev", "trusted_root.json")
"""Of Sigstore's public instance, which GitHub's attestations of public repositories use."""

_STATEMENT: Final = "application/vnd.in-toto+json"


class _Subject(BaseModel):
    digest: dict[str, str]


class _Statement(BaseModel):
    subject: list[_Subject]


@cache
def pinned_root() -> TrustedRoot:
    """The trust root of the sigstore package."""
    with as_file(files("sigstore").joinpath(*_ROOT)) as file:
        return TrustedRoot.from_file(str(file))


def signed(
    bundles: Sequence[bytes],
    others: Sequence[str],
    *,
    digest: str,
    signer: str | None,
    issuer: str,
    root: TrustedRoot,
) -> Signed:
    """What an image's signatures say.

    bundles: Sigstore's, of DSSE envelopes. others: tags of cosign's own layout, which the library does not read.
    digest: of the image. signer: the identity in the certificate, None: nobody is named; issuer: who vouches for it.
    """
    if not bundles:
        if others:
            why = f"signed in cosign's own layout ({', '.join(others)}), which is not verified here"
            return Signed(state=Signature.UNVERIFIABLE, why=why)
        return Signed(state=Signature.UNSIGNED, why="no signature or attestation at the source")
    if signer is None:
        return Signed(state=Signature.UNVERIFIABLE, why="who signs it is not set")
    reasons: list[str] = []
    for bundle in bundles:
        why = _why_not(bundle, digest, Identity(identity=signer, issuer=issuer), root)
        if not why:
            return Signed(state=Signature.VERIFIED, why=f"by {signer}")
        reasons.append(why)
    return Signed(state=Signature.UNVERIFIABLE, why=reasons[-1])


def _why_not(bundle: bytes, digest: str, policy: Identity, root: TrustedRoot) -> str:
    """Why a bundle does not prove that this image is theirs; "" where it does."""
    try:
        kind, payload = Verifier(trusted_root=root).verify_dsse(Bundle.from_json(bundle), policy)
        statement = _Statement.model_validate_json(payload)
    except (Error, ValidationError) as error:
        return " ".join(str(error).split()) or type(error).__name__
    algorithm, _, value = digest.partition(":")
    if kind != _STATEMENT or not any(one.digest.get(algorithm) == value for one in statement.subject):
        return "what is signed is another image"
    return ""
