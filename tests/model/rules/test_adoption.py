"""Rule adoption: what somebody else owns is taken over only by name and id."""

from dataclasses import replace

from tests.model.given import (
    NO_ANSWER,
    found,
    in_region,
    judged,
    observe,
    settings,
    structure,
)
from workshop.model.names import MARK
from workshop.model.observations import (
    ExistingObject,
    ExistingRecord,
)

DIGEST = settings().image.digest
OTHER_DIGEST = "sha256:" + "0" * 64


def rules_broken(told: list[str]) -> list[str]:
    return sorted({line.split("]")[0].removeprefix("[") for line in told})


class TestAdoption:
    def test_a_repository_of_somebody_else_is_refused_unless_adopted(self) -> None:
        stack = settings(adopt={key: value for key, value in structure("adopt").items() if key != "us-east-2-base-ws"})
        there = {"base-ws": False} | dict.fromkeys(stack.repositories, False)
        assert judged(stack, observe(stack, in_region("us-east-2", repositories=found(there)))) == [
            "[adoption] ECR repository base-ws in us-east-2: it exists without the mark ai-coder-workshop, owned by "
            "Terraform; two owners would undo each other's changes: take it out of Terraform's configuration without "
            "deleting it, then pulumi config set --path workshop:adopt.us-east-2-base-ws base-ws"
        ]

    def test_what_carries_our_mark_needs_no_adoption(self) -> None:
        stack = settings(adopt={})
        mine = dict.fromkeys(stack.repositories, True)
        assert judged(stack, observe(stack, in_region("us-east-2", repositories=found(mine)))) == []

    def test_adopting_what_is_not_there_is_refused(self) -> None:
        stack = settings()
        told = judged(stack, observe(stack, in_region("eu-west-2", repositories=found(dict[str, bool]()))))
        assert [line.split("; ")[0] for line in told] == [
            "[adoption] ECR repository coder-preview in eu-west-2: workshop:adopt.eu-west-2-coder-preview is "
            "coder-preview, which does not exist"
        ]

    def test_adopting_what_the_stack_does_not_have_is_refused(self) -> None:
        told = judged(settings(adopt={**structure("adopt"), "us-east-2-base": "base-ws"}))
        assert rules_broken(told) == ["adoption"]
        assert "pulumi config rm --path workshop:adopt.us-east-2-base" in told[0]

    def test_a_bucket_that_is_kept_from_before_is_adopted_by_its_name(self) -> None:
        def told(bucket: str | None, event: str = "october") -> list[str]:
            adopt = {**structure("adopt"), **({"us-east-2-saved-work": bucket} if bucket else {})}
            described = {"name": event, "template": "coder/docker", "latest_end": "5h", "budget_usd": 200}
            window = {"start": "2026-10-02T11:00+00:00", "duration": "4h"}
            found_wrong = judged(settings(adopt=adopt, event=described, window=window))
            return [line for line in found_wrong if line.startswith("[adoption]")]

        assert told(None) == told("ai-coder-workshop-123456789012-october") == []
        (wrong,) = told("ai-coder-workshop-123456789012-october", "november")
        assert "bucket ai-coder-workshop-123456789012-november: " in wrong
        assert rules_broken(judged(settings(adopt={**structure("adopt"), "us-east-2-saved-work": "a"}))) == ["adoption"]

    def test_a_record_of_somebody_else_is_adopted_by_zone_and_record(self) -> None:
        stack = settings()
        record = ExistingRecord(
            zone="coder.com",
            id="r1",
            name="ai.coder.com",
            type="CNAME",
            content="lb.example.com",
            ttl_seconds=1,
            is_proxied=False,
            comment="",
        )
        observations = replace(observe(stack), records=found((record, replace(record, id="t", type="TXT"))))
        told = judged(stack, observations)
        command = f"pulumi config set --path workshop:adopt.us-east-2-host {stack.zone.id}/r1"
        assert rules_broken(told) == ["adoption"]
        assert told[0].endswith(command)
        adopted = settings(adopt={**structure("adopt"), "us-east-2-host": f"{stack.zone.id}/r1"})
        assert judged(adopted, observations) == []
        wrong = settings(adopt={**structure("adopt"), "us-east-2-host": f"{stack.zone.id}/r2"})
        assert judged(wrong, observations)[0].endswith(command)
        ours = replace(observations, records=found((replace(record, comment=MARK),)))
        assert judged(stack, ours) == []

    def test_dns_3_an_address_is_not_adopted_as_a_regions_cname(self) -> None:
        adopting = settings(adopt={**structure("adopt"), "us-east-2-host": f"{settings().zone.id}/r1"})
        address = ExistingRecord(
            zone="coder.com",
            id="r1",
            name="ai.coder.com",
            type="A",
            content="198.41.128.7",
            ttl_seconds=1,
            is_proxied=False,
            comment="",
        )
        (told,) = judged(adopting, replace(observe(adopting), records=found((address,))))
        assert "ai.coder.com changes from A to CNAME" in told
        assert told.endswith("delete the old record at Cloudflare, take it out of workshop:adopt, and apply at once")

    def test_a_node_pool_of_somebody_else_is_refused(self) -> None:
        stack = settings()
        theirs = found(ExistingObject(is_ours=False, spec={}, owner="argocd"))
        told = judged(stack, observe(stack, in_region("us-west-2", node_pool=theirs)))
        assert rules_broken(told) == ["adoption"]
        assert "owned by argocd" in told[0]

    def test_a_registry_without_answer_is_told_once(self) -> None:
        stack = settings()
        told = judged(stack, observe(stack, in_region("us-west-2", repositories=NO_ANSWER)))
        assert len(told) == 1
        assert "lookup failed: the system: no answer: timed out" in told[0]

    def test_scope_dns_asks_for_records_alone(self) -> None:
        stack = settings(scope="dns")
        unknown = replace(
            observe(stack, lambda _, here: replace(here, repositories=NO_ANSWER, node_pool=NO_ANSWER)),
            records=NO_ANSWER,
        )
        told = judged(stack, unknown)
        assert len(told) == 1
        assert "DNS record *.ai.coder.com" in told[0]
