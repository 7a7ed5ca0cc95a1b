"""Items as people have them, 25 attributes of every kind, beside flat ones of the same size; Dynoxide beside both."""
import statistics
import tempfile

from support import Server, create_table, load, table

KEYS = 2_000
ROUNDS = 5
PLAN = ["put", "update", "get", "batch-write"]


def costs_of(kind, scratch, seconds, rounds):
    """CPU per request and requests per second of each operation on flat and rich items, by turns: medians."""
    found = {}
    with Server(kind, tempfile.mkdtemp(dir=scratch)) as server:
        for shape in ["flat", "rich"]:
            create_table(server, shape)
            load(server, workload("put", shape), requests=KEYS, keys=KEYS, seconds=60, table=shape)
        for _ in range(rounds):
            for operation in PLAN:
                for shape in ["flat", "rich"]:
                    answer = load(server, workload(operation, shape), 16, seconds, table=shape, keys=KEYS)
                    found.setdefault((operation, shape), []).append((answer["cpu_us"], answer["per_second"]))
    return {key: tuple(statistics.median(part) for part in zip(*answers)) for key, answers in found.items()}


def workload(operation, shape):
    return f"{operation}-rich" if shape == "rich" and operation != "get" else operation


def rich(scratch, seconds):
    ours = costs_of("tidemark", scratch, seconds / 2, ROUNDS)
    theirs = costs_of("dynoxide", scratch, seconds / 2, 1)
    rows = []
    for operation in PLAN:
        cpu = {shape: ours[operation, shape][0] for shape in ["flat", "rich"]}
        rows.append([operation + (" (25 items)" if operation == "batch-write" else ""), f"{cpu['flat']:.1f}", f"{cpu['rich']:.1f}",
                     f"{cpu['rich'] / cpu['flat']:.2f}", f"{ours[operation, 'rich'][1]:,.0f}",
                     f"{theirs[operation, 'rich'][0]:.0f}", f"{theirs[operation, 'rich'][0] / cpu['rich']:.0f}×",
                     f"{theirs[operation, 'rich'][1]:,.0f}"])
    table(f"Items of 25 attributes beside flat ones of the same size, 16 connections, medians of {ROUNDS} rounds",
          ["operation", "flat, CPU us", "rich, CPU us", "ratio", "rich, requests/s", "Dynoxide, CPU us", "less CPU",
           "Dynoxide, requests/s"], rows)
    print(f"\nUpdateItem of one attribute of a rich item costs {ours['update', 'rich'][0] / ours['put', 'rich'][0]:.2f} of its PutItem.")
