"""GetItem and PutItem beside an epoll loop that answers the same number of bytes without looking at the request."""
import statistics
import tempfile

from support import Server, create_table, load, table

KEYS = 2_000
ROUNDS = 5
# The bytes of the answers.
PLAN = {"get": 1_070, "put": 2}


def floor(scratch, seconds):
    rows = []
    with Server("tidemark", tempfile.mkdtemp(dir=scratch)) as server:
        create_table(server, "bench")
        load(server, "put", requests=KEYS, keys=KEYS, seconds=60)
        for operation, answer_bytes in PLAN.items():
            with Server("epoll", scratch, ["--bytes", str(answer_bytes)]) as bare:
                found = {server: [], bare: []}
                for _ in range(ROUNDS):
                    for asked in found:
                        found[asked].append(load(asked, operation, 16, seconds / 2, keys=KEYS)["cpu_us"])
                ours, least = (statistics.median(found[asked]) for asked in (server, bare))
                rows.append([operation, f"{ours:.1f}", f"{least:.1f}", f"{ours / least:.2f}"])
    table(f"Beside an epoll loop that answers a constant, 16 connections, medians of {ROUNDS} rounds",
          ["operation", "CPU us/request", "epoll loop", "ratio"], rows)
