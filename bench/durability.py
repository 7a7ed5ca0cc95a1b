"""What --fsync costs: PutItem of 1 KB with and without it, in one run."""
import tempfile

from support import Server, create_table, load, table

ROUNDS = 3


def durability(scratch, seconds):
    found = {}
    modes = [("default", []), ("--fsync", ["--fsync"])]
    servers = {name: Server("tidemark", tempfile.mkdtemp(dir=scratch), args) for name, args in modes}
    try:
        for server in servers.values():
            create_table(server, "bench")
            load(server, "put", requests=2_000, keys=2_000, seconds=60)
        for connections in (1, 64, 256):
            for _ in range(ROUNDS):  # by turns: a machine has better and worse moments
                for name, server in servers.items():
                    found.setdefault((name, connections), []).append(load(server, "put", connections, seconds / 2, keys=2_000))
    finally:
        for server in servers.values():
            server.stop()

    def middle(name, connections, what):
        return sorted(answer[what] for answer in found[name, connections])[ROUNDS // 2]

    rows = []
    for connections in (1, 64, 256):
        plain, safe = ([middle(name, connections, what) for what in ("per_second", "cpu_us", "p99_us")] for name, _ in modes)
        rows.append([connections, f"{plain[0]:,.0f}", f"{safe[0]:,.0f}", f"{safe[0] / plain[0]:.2f}", f"{plain[1]:.1f}",
                     f"{safe[1]:.1f}", f"{safe[1] / plain[1]:.2f}", f"{safe[2]:.0f}"])
    table("PutItem of 1 KB, median of three rounds by turns",
          ["connections", "default, requests/s", "--fsync", "ratio", "CPU us/request", "--fsync", "ratio", "--fsync p99 us"], rows)
