"""What is measured: a process that saves all seats at once, as the keeper does, and nothing else."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from lightkube import KubeConfig

from workshop.event.work.bucket import Bucket
from workshop.event.work.exec import Cluster, Container
from workshop.event.work.pod import Place
from workshop.event.work.save import Work, save
from workshop.model.event.receipts import Receipt


def main(kubeconfig: str, context: str, pods: list[str]) -> None:
    """Prints what came of it as JSON."""
    bucket = Bucket("work", "us-east-2")
    with Cluster(KubeConfig.from_file(kubeconfig), context) as cluster, ThreadPoolExecutor(len(pods)) as pool:

        def save_one(seat: int, pod: str) -> Receipt:
            place = Place(container=Container(namespace="coder-ws", pod=pod, name="dev"))
            work = Work(event="load", seat=seat, workspace_id=pod, build_number=1, place=place)
            return save(cluster, bucket, work, datetime.now(UTC))

        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began = time.monotonic()
        receipts = list(pool.map(save_one, range(1, len(pods) + 1), pods))
        seconds = time.monotonic() - began
    used = resource.getrusage(resource.RUSAGE_SELF)
    found = {
        "results": Counter(f"{one.result} {one.reason}".strip() for one in receipts),
        "bytes": sum(one.bytes for one in receipts),
        "seconds": seconds,
        "cpu_seconds": used.ru_utime + used.ru_stime,
        "rss_mib_before": before / 1024,
        "rss_mib": used.ru_maxrss / 1024,
    }
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
