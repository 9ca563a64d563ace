"""Whose signature counts, and what does not count as one."""

from __future__ import annotations

from pathlib import Path

import pytest
from sigstore.models import TrustedRoot

from tests.images.sigstore_instance import ISSUER, SIGNER, Sigstore
from workshop.images.signatures import pinned_root, signed
from workshop.model.images.candidate import Signature, Signed

IMAGE, ANOTHER = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"
INSTANCE = Sigstore()


@pytest.fixture
def root(tmp_path: Path) -> TrustedRoot:
    return INSTANCE.root(tmp_path)


def look(
    root: TrustedRoot, *bundles: bytes, others: tuple[str, ...] = (), signer: str | None = SIGNER, issuer: str = ISSUER
) -> Signed:
    return signed(bundles, others, digest=IMAGE, signer=signer, issuer=issuer, root=root)


def test_what_the_named_workflow_attested_is_verified(root: TrustedRoot) -> None:
    assert look(root, INSTANCE.bundle(IMAGE)) == Signed(state=Signature.VERIFIED, why=f"by {SIGNER}")


def test_one_good_bundle_is_enough(root: TrustedRoot) -> None:
    assert look(root, b"{}", INSTANCE.bundle(ANOTHER), INSTANCE.bundle(IMAGE)).state is Signature.VERIFIED


def test_without_a_signature_it_is_unsigned(root: TrustedRoot) -> None:
    assert look(root) == Signed(state=Signature.UNSIGNED, why="no signature or attestation at the source")


def test_cosigns_own_layout_is_a_signature_that_nothing_here_reads(root: TrustedRoot) -> None:
    found = look(root, others=("sha256-aaaa.sig",))
    assert found.state is Signature.UNVERIFIABLE
    assert found.why == "signed in cosign's own layout (sha256-aaaa.sig), which is not verified here"


def test_a_signature_of_anybody_counts_for_nothing(root: TrustedRoot) -> None:
    found = look(root, INSTANCE.bundle(IMAGE), signer=None)
    assert (found.state, found.why) == (Signature.UNVERIFIABLE, "who signs it is not set")


def changed(statement: bytes) -> bytes:
    return statement.replace(b"slsa.dev", b"evil.dev")


@pytest.mark.parametrize(
    ("bundle", "why"),
    [
        (INSTANCE.bundle(ANOTHER), "what is signed is another image"),
        (INSTANCE.bundle(IMAGE, "https://github.com/example/fork/.github/workflows/ci.yaml@refs/heads/main"), "SANs"),
        (Sigstore().bundle(IMAGE), "certificate chain"),
        (INSTANCE.bundle(IMAGE, change=changed), "invalid signature"),
        (b"{}", "bundle"),
        (b"no JSON", "bundle"),
    ],
    ids=["another image", "another workflow", "another authority", "another statement", "nothing", "no JSON"],
)
def test_what_proves_nothing_is_unverifiable(root: TrustedRoot, bundle: bytes, why: str) -> None:
    found = look(root, bundle)
    assert found.state is Signature.UNVERIFIABLE
    assert why in found.why


def test_another_issuer_vouches_for_nobody(root: TrustedRoot) -> None:
    assert look(root, INSTANCE.bundle(IMAGE), issuer="https://accounts.example.com").state is Signature.UNVERIFIABLE


def test_the_root_that_came_with_the_library_knows_the_public_instance_and_not_the_tests() -> None:
    assert look(pinned_root(), INSTANCE.bundle(IMAGE)).state is Signature.UNVERIFIABLE
    assert len(pinned_root().get_fulcio_certs()) >= 2
