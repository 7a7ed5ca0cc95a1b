"""This build beside another build of Tidemark: CPU per request of each operation, in turn, so that drift hits both."""
import statistics
import tempfile

from support import TIDEMARK, Server, create_table, load, recover, table

ROUNDS = 7
KEYS = 2_000
PATIENCE_S = 60
RICH = {"table": "bench-rich"}
PLAN = [
    ("put", {}), ("get", {}), ("update", {}), ("query", {}), ("scan", {}), ("scan-filter", {}), ("batch-get", {}),
    ("batch-write", {}), ("transact-write", {}), ("put-rich", RICH), ("update-rich", RICH), ("batch-write-rich", RICH),
    ("put with a GSI", {"table": "bench-index"}), ("put with PITR", {"table": "bench-pitr"}),
    ("s3-put", {"bucket": "small", "bytes": 1024}), ("s3-get", {"bucket": "small", "bytes": 1024}), ("constant", {}),
]


def prepare(server):
    create_table(server, "bench")
    create_table(server, "bench-index", with_index=True)
    create_table(server, "bench-pitr")
    create_table(server, "bench-rich")
    recover(server, "bench-pitr")
    server.s3.create_bucket(Bucket="small")
    load(server, "fill-query", requests=KEYS, keys=KEYS, seconds=60)
    load(server, "put", requests=KEYS, keys=KEYS, seconds=60)
    load(server, "put-rich", requests=KEYS, keys=KEYS, seconds=60, table="bench-rich")
    load(server, "s3-put", requests=KEYS, keys=KEYS, seconds=60, bucket="small", bytes=1024)


def compare(scratch, other, seconds):
    """The medians of seven rounds; a round asks one program and then the other, the first one changing in turn. Both get
    the same number of requests: the versions that writes leave behind make later reads dearer."""
    with (Server("tidemark", tempfile.mkdtemp(dir=scratch)) as ours,
          Server("tidemark", tempfile.mkdtemp(dir=scratch), program=other) as theirs):
        for server in (ours, theirs):
            prepare(server)
        rows = []
        for name, options in PLAN:
            workload = name.split()[0]
            costs = {ours: [], theirs: []}
            rates = {ours: [], theirs: []}
            # The first ones are to warm up.
            count = load(ours, workload, 16, seconds, keys=KEYS, **options)["requests"]
            load(theirs, workload, 16, PATIENCE_S, keys=KEYS, requests=count, **options)
            for number in range(ROUNDS):
                for server in ((ours, theirs) if number % 2 else (theirs, ours)):
                    answer = load(server, workload, 16, PATIENCE_S, keys=KEYS, requests=count, **options)
                    costs[server].append(answer["cpu_us"])
                    rates[server].append(answer["per_second"])
            cost = {server: statistics.median(values) for server, values in costs.items()}
            rate = {server: statistics.median(values) for server, values in rates.items()}
            rows.append([name, f"{cost[ours]:.2f}", f"{cost[theirs]:.2f}", f"{cost[ours] / cost[theirs] - 1:+.1%}",
                         f"{rate[ours]:,.0f}", f"{rate[theirs]:,.0f}"])
    table(f"{TIDEMARK.name} of this tree beside {other}, 16 connections, medians of {ROUNDS} rounds",
          ["operation", "CPU us/request", "other", "difference", "requests/s", "other"], rows)
