#!/usr/bin/env python3
"""How long `POST /_tidemark/reset` takes with the tables of a usual test, as a table in Markdown.

    bench/reset.py     TIDEMARK_PROGRAM names another build
"""
import http.client
import pathlib
import statistics
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
# The tests' `support`, and not the one beside this file.
sys.path[:] = [str(HERE.parent / "tests"), *(path for path in sys.path if pathlib.Path(path).resolve() != HERE)]
from support.server import running, set_pitr, table_request  # noqa: E402

ROUNDS = 15
ITEMS = 20


def reset(connection):
    """Milliseconds."""
    began = time.perf_counter()
    connection.request("POST", "/_tidemark/reset")
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    answer.read()
    return (time.perf_counter() - began) * 1000


def main():
    print("| tables, each with an index and 20 items | median | slowest |\n| --- | --- | --- |")
    with running() as server:
        wire = server.wire()
        connection = http.client.HTTPConnection("127.0.0.1", server.port)
        for count, recovery in ((0, False), (1, False), (5, False), (5, True), (20, False)):
            times = []
            for _ in range(ROUNDS):
                for number in range(count):
                    name = f"Table{number}"
                    wire.call("CreateTable", table_request(name, index="state"))
                    if recovery:
                        set_pitr(wire, name, True)
                    for key in range(ITEMS):
                        wire.call("PutItem", {"TableName": name, "Item": {"pk": {"S": str(key)}, "state": {"S": "x"}}})
                times.append(reset(connection))
            label = f"{count}, with point-in-time recovery" if recovery else str(count)
            print(f"| {label} | {statistics.median(times):.1f} ms | {max(times):.1f} ms |")


if __name__ == "__main__":
    main()
