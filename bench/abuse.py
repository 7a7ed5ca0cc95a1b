#!/usr/bin/env python3
"""What a well-behaved client notices of the attacks in tests/abuse, and what they cost in memory, as a table in Markdown.

    bench/abuse.py [SECONDS]     of each attack, 5 when not given; TIDEMARK_PROGRAM names another build
"""
import contextlib
import pathlib
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
TESTS = HERE.parent / "tests"
# The tests' `support`, and not the one beside this file.
sys.path[:] = [str(TESTS), str(TESTS / "abuse"), *(path for path in sys.path if pathlib.Path(path).resolve() != HERE)]
import test_budgets  # noqa: E402
import test_slow_things  # noqa: E402
from support.accounts import signing_good_client, write_credentials  # noqa: E402
from support.attacker import attacking  # noqa: E402
from support.good_client import GoodClient  # noqa: E402
from support.server import running, until  # noqa: E402

CONNECTIONS = 10_000
SECONDS = 5


def main(seconds):
    print("| attack | p50 ms alone | p99 alone | p50 beside | p99 beside | slower | errors | RSS MB | answers |")
    print("| --- " * 9 + "|")
    credentials = write_credentials(pathlib.Path(tempfile.mkdtemp()) / "credentials",
                                    {"good": "111111111111", "alice": "222222222222"})
    for name in ["xml bodies", "json bodies", "whole json bodies", "bodies in the name of another", "forms", "heads",
                 "bodies nobody asked for", "answers nobody reads"]:
        with running(args=["--auth", "strict", "--credentials", str(credentials)]) as server:
            attack = test_budgets.attack(server, name, CONNECTIONS)
            measured(f"{name}, {attack.document()['count']:,}", server, signing_good_client(server), attack, seconds)
    with running() as server:
        good = GoodClient(server).prepare(server.client("dynamodb"), server.client("s3", endpoint=server.s3_endpoint))
        s3 = server.client("s3", endpoint=server.s3_endpoint)
        for prepare in [test_slow_things.downloads, test_slow_things.slow_downloads, test_slow_things.uploads,
                        test_slow_things.long_queries, test_slow_things.many_headers,
                        test_slow_things.updates_of_a_large_item, test_slow_things.versions_of_one_key,
                        test_slow_things.listings_of_versions, test_slow_things.listings_with_a_delimiter,
                        test_slow_things.large_bodies]:
            measured(prepare.__name__.replace("_", " "), server, good, prepare(server, s3), seconds)


def measured(name, server, good, attack, seconds):
    calm = good.calm(seconds)
    highest = [0]

    def is_over(watch):
        highest[0] = max(highest[0], server.memory_kb())
        return watch.seconds() > seconds
    with contextlib.ExitStack() as stack:
        counts = stack.enter_context(attacking(attack, spare_time_only=True))
        with good.watching() as watch:
            until(lambda: is_over(watch), "the attack")
    beside = watch.measured
    milliseconds = [f"{client.percentile(share) * 1000:.2f}" for client in (calm, beside) for share in (0.5, 0.99)]
    answers = ", ".join(f"{count} × {status}" for status, count in sorted(counts["answers"].items()))
    print(f"| {name} | {' | '.join(milliseconds)} | {beside.percentile(0.99) / calm.percentile(0.99):.1f}× | "
          f"{len(beside.errors)} | {highest[0] // 1024} | {answers} |", flush=True)


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS)
