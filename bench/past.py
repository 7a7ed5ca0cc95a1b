"""What the past costs: reads and exports of a moment half a recovery window ago, branches, items with many versions."""
import tempfile
import time

from support import JOB_PAUSE_S, MemoryWatch, Server, create_table, load, recover, table

DAYS = 17
VERSIONS = 1_000


class Past:
    """A table of 1 KB items with recovery on, and its server."""

    def __init__(self, server, item_count):
        self.server, self.item_count = server, item_count
        self.arn = create_table(server, "bench")
        recover(server, "bench")
        server.s3.create_bucket(Bucket="lake")
        load(server, "fill-batch", 16, 300, requests=item_count // 25, keys=item_count)

    def export(self, **more):
        """Seconds, and those of CPU; the best of three."""
        best = []
        for _ in range(3):
            cpu, begin = self.server.cpu_seconds(), time.monotonic()
            job = self.server.dynamodb.export_table_to_point_in_time(TableArn=self.arn, S3Bucket="lake", **more)["ExportDescription"]
            while job["ExportStatus"] == "IN_PROGRESS":
                time.sleep(JOB_PAUSE_S)
                job = self.server.dynamodb.describe_export(ExportArn=job["ExportArn"])["ExportDescription"]
            best.append((time.monotonic() - begin, self.server.cpu_seconds() - cpu))
        return min(best)

    def branch(self, target, as_of=None):
        """Seconds until it is ACTIVE, those of CPU, and the growth of memory in MB."""
        watch = MemoryWatch(self.server)
        watch.start()
        cpu, begin = self.server.cpu_seconds(), time.monotonic()
        self.server.post("/_tidemark/tables/bench/branch", {"target": target, **({"asOf": as_of} if as_of else {})})
        while self.server.dynamodb.describe_table(TableName=target)["Table"]["TableStatus"] != "ACTIVE":
            time.sleep(JOB_PAUSE_S)
        found = time.monotonic() - begin, self.server.cpu_seconds() - cpu, watch.growth()
        self.server.dynamodb.delete_table(TableName=target)
        return found


def past(scratch, seconds, item_count):
    """A moment with half a recovery window behind it, each day of which a twentieth of the items was overwritten."""
    with Server("tidemark", tempfile.mkdtemp(dir=scratch)) as server:
        bench = Past(server, item_count)
        then = f"{server.advance(10):.0f}"
        server.advance(10)
        for _ in range(DAYS):
            load(server, "put-any", 16, 300, requests=item_count // 20, keys=item_count)
            server.advance(86_400)
        server.advance(2 * 86_400)
        time.sleep(5)
        # Much or little: the one is in the caches, the other is not.
        few = {name: load(server, "get", 16, seconds, keys=2_000, **more)
               for name, more in [("live", {}), ("past", {"as-of": then})]}
        rows = [["GetItem", "CPU us", f"{few['live']['cpu_us']:.1f}", f"{few['past']['cpu_us']:.1f}",
                 f"{few['past']['cpu_us'] / few['live']['cpu_us']:.1f}×"]]
        now, old = bench.export(), bench.export(ExportTime=float(then))
        rows.append(["full export", "CPU s", f"{now[1]:.2f}", f"{old[1]:.2f}", f"{old[1] / now[1]:.1f}×"])
        rows.append(["", "took, s", f"{now[0]:.2f}", f"{old[0]:.2f}", f"{old[0] / now[0]:.1f}×"])
        megabytes = item_count * 1065 / 1e6
        branches = [bench.branch("branch-now"), bench.branch("branch-then", then)]
        rows.append([f"branch, {megabytes:.0f} MB", "took, s", *(f"{one[0]:.2f}" for one in branches),
                     f"{branches[1][0] / branches[0][0]:.1f}×"])
        rows.append(["", "MB/s", *(f"{megabytes / one[0]:.0f}" for one in branches), ""])
        rows.append(["", "MB/s a core", *(f"{megabytes / one[1]:.0f}" for one in branches), ""])
        rows.append(["", "RSS", *(f"+{one[2]:.0f} MB" for one in branches), ""])
    table(f"{item_count:,} items of 1 KB now, and as they were {DAYS} busy days ago", ["", "", "now", "then", ""], rows)
    versions(scratch, seconds)


def versions(scratch, seconds):
    """Query and PutItem of items that have been overwritten all the time, beside those of fresh ones."""
    keys = 200
    with Server("tidemark", tempfile.mkdtemp(dir=scratch)) as server:
        for name in ("fresh", "old"):
            create_table(server, name)
            recover(server, name)
            load(server, "put-query", 16, 60, table=name, keys=keys, requests=keys)
        load(server, "put-query", 16, 300, table="old", keys=keys, requests=keys * VERSIONS)
        time.sleep(5)
        rates = {name: [] for name in ("fresh", "old")}
        for _ in range(3):
            for name, found in rates.items():
                found.append(load(server, "query", 16, seconds, table=name, keys=keys))
    mean = {name: (sum(one["per_second"] for one in found) / 3, sum(one["cpu_us"] for one in found) / 3)
            for name, found in rates.items()}
    table(f"Query of 10 items, each of which has {VERSIONS:,} recorded versions", ["items", "requests/s", "CPU us"],
          [[name, f"{rate:,.0f}", f"{cpu:.1f}"] for name, (rate, cpu) in mean.items()])
    print(f"\nThe old ones reach {mean['old'][0] / mean['fresh'][0]:.2f} of the fresh ones.")
