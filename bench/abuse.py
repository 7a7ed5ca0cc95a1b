#!/usr/bin/env python3
"""What a well-behaved client notices of the attacks in tests/abuse, and what they cost in memory, as a table in Markdown.

    bench/abuse.py [SECONDS]     of each attack, 5 when not given; TIDEMARK_PROGRAM names another build

`elsewhere` is the same attack on another process of the same program: what of it is the machine's share, whose
processors are wanted by all of them.
"""
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


PREPARED = [test_slow_things.downloads, test_slow_things.slow_downloads, test_slow_things.uploads,
            test_slow_things.long_queries, test_slow_things.many_headers, test_slow_things.updates_of_a_large_item,
            test_slow_things.versions_of_one_key, test_slow_things.listings_of_versions,
            test_slow_things.listings_with_a_delimiter, test_slow_things.large_bodies]


def main(seconds):
    print("| attack | p50 ms alone | p99 alone | p50 elsewhere | p99 elsewhere | p50 beside | p99 beside | errors | RSS MB |")
    print("| --- " * 9 + "|")
    credentials = write_credentials(pathlib.Path(tempfile.mkdtemp()) / "credentials",
                                    {"good": "111111111111", "alice": "222222222222"})
    strict = ["--auth", "strict", "--credentials", str(credentials)]
    for name in ["xml bodies", "json bodies", "whole json bodies", "bodies in the name of another", "forms", "heads",
                 "bodies nobody asked for", "answers nobody reads"]:
        with running(args=strict) as server, running(args=strict) as other:
            signing_good_client(other)
            here, elsewhere = (test_budgets.attack(attacked, name, CONNECTIONS) for attacked in (server, other))
            measured(f"{name}, {here.document()['count']:,}", server, signing_good_client(server), here, elsewhere, seconds)
    with running() as server, running() as other:
        good, _ = (GoodClient(each).prepare(each.client("dynamodb"), s3_of(each)) for each in (server, other))
        for prepare in PREPARED:
            here, elsewhere = (prepare(attacked, s3_of(attacked)) for attacked in (server, other))
            measured(prepare.__name__.replace("_", " "), server, good, here, elsewhere, seconds)


def s3_of(server):
    return server.client("s3", endpoint=server.s3_endpoint)


def measured(name, server, good, here, elsewhere, seconds):
    alone = good.calm(seconds)
    highest = [0]

    def is_over(watch):
        highest[0] = max(highest[0], server.memory_kb())
        return watch.seconds() > seconds

    def beside(attack):
        with attacking(attack, spare_time_only=True), good.watching() as watch:
            until(lambda: is_over(watch), "the attack")
        return watch.measured
    all_of_them = [alone, beside(elsewhere), beside(here)]
    milliseconds = [f"{client.percentile(share) * 1000:.2f}" for client in all_of_them for share in (0.5, 0.99)]
    print(f"| {name} | {' | '.join(milliseconds)} | {len(all_of_them[-1].errors)} | {highest[0] // 1024} |", flush=True)


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS)
