"""What deleted items cost whoever reads after them."""
import tempfile

from support import Server, create_table, load, table

READS = [("queue-head", "Query, Limit 1"), ("queue-index", "Query of a GSI, Limit 1"), ("scan", "Scan")]


def deletes(scratch, seconds, pairs):
    """Reads of a queue of 25 items: new, after `pairs` items went through it, and while they do; another table's."""
    with Server("tidemark", tempfile.mkdtemp(dir=scratch)) as server:
        create_table(server, "bench", with_index=True)
        create_table(server, "other")
        load(server, "put", 16, 2, table="other", keys=1_000)

        def measure():
            found = {kind: load(server, kind, 1, seconds, keys=100)["p50_us"] for kind, _ in READS}
            found["other"] = load(server, "get", 1, seconds, table="other", keys=1_000)["p99_us"]
            return found

        load(server, "queue", 16, 60, requests=50)
        before = measure()
        passed = load(server, "queue", 16, 300, requests=2 * pairs)
        first = load(server, "queue-head", 1, 10, requests=1)["p50_us"]
        after = measure()
    rows = [[name, f"{before[kind]:.0f}", f"{after[kind]:.0f}", f"{after[kind] / before[kind]:.1f}×"] for kind, name in READS]
    rows.append(["GetItem of another table, p99", f"{before['other']:.0f}", f"{after['other']:.0f}",
                 f"{after['other'] / before['other']:.1f}×"])
    table(f"Reads of a queue of 25 items before and after {passed['requests'] // 2:,} put-delete pairs, one connection",
          ["read", "before, us", "after, us", ""], rows)
    print(f"\nThe very first Query after them took {first / 1000:.1f} ms; {passed['per_second'] / 2:,.0f} pairs/s.")
