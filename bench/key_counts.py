"""GetItem and PutItem of uniformly random keys as the table grows; Dynoxide at the smallest size, as it takes long to fill."""
import tempfile
import time

from support import Server, create_table, load, table


def wait_until_idle(server):
    """Until flushes and compactions are through, two minutes at most."""
    for _ in range(120):
        before = server.cpu_seconds()
        time.sleep(1)
        if server.cpu_seconds() - before < 0.05:
            return


def measured(kind, scratch, seconds, key_count):
    with Server(kind, tempfile.mkdtemp(dir=scratch)) as server:
        create_table(server, "bench")
        load(server, "fill-batch", 16, 600, requests=key_count // 25, keys=key_count)
        wait_until_idle(server)
        load(server, "get-any", 16, seconds, keys=key_count)  # warm-up
        return {workload: load(server, workload, 16, seconds, keys=key_count) for workload in ["get-any", "put-any"]}


def key_counts(scratch, seconds, counts):
    found = {("tidemark", count): measured("tidemark", scratch, seconds, count) for count in counts}
    found["dynoxide", counts[0]] = measured("dynoxide", scratch, seconds, counts[0])
    rows = []
    for (kind, count), answers in found.items():
        smallest = found[kind, counts[0]]
        for workload, name in [("get-any", "GetItem"), ("put-any", "PutItem")]:
            answer = answers[workload]
            rows.append([kind, name, f"{count:,}", f"{answer['cpu_us']:.1f}",
                         f"{answer['cpu_us'] / smallest[workload]['cpu_us']:.2f}", f"{answer['per_second']:,.0f}",
                         f"{answer['p99_us']:.0f}"])
    table("Uniformly random keys of 1 KB items, 16 connections",
          ["server", "operation", "items", "CPU us/request", "of the smallest table", "requests/s", "p99 us"], rows)
