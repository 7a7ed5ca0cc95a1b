#!/usr/bin/env python3
"""What one client that asks 300 times a second waits for, while exports and imports run.

A generator that asks as fast as it can keeps the processors busy itself, and hides how long a server takes to wake up.
As a program, this is the client: `paced.py PORT SECONDS` prints its latencies as JSON.
"""
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import time

from support import SIGNATURE, Server, create_table, load, recover, table, wait_for

RATE = 300
KEYS = 10_000


def paced(scratch, item_count, seconds):
    """GetItem alone, beside exports of the table and beside imports of it, one after the other."""
    with Server("tidemark", tempfile.mkdtemp(dir=scratch)) as server:
        arn = create_table(server, "bench")
        recover(server, "bench")
        server.s3.create_bucket(Bucket="lake")
        load(server, "fill-batch", 16, 60, requests=item_count // 25, keys=item_count)

        def export(number):
            job = server.dynamodb.export_table_to_point_in_time(TableArn=arn, S3Bucket="lake", S3Prefix=f"e{number}")
            return wait_for(lambda: server.dynamodb.describe_export(
                ExportArn=job["ExportDescription"]["ExportArn"])["ExportDescription"], "ExportStatus")["ExportManifest"]

        data = export("first").replace("manifest-summary.json", "data/")

        def import_table(number):
            job = server.dynamodb.import_table(
                S3BucketSource={"S3Bucket": "lake", "S3KeyPrefix": data}, InputFormat="DYNAMODB_JSON",
                InputCompressionType="GZIP", TableCreationParameters={
                    "TableName": f"imported{number}", "BillingMode": "PAY_PER_REQUEST",
                    "AttributeDefinitions": [{"AttributeName": a, "AttributeType": "S"} for a in ["pk", "sk"]],
                    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]})
            wait_for(lambda: server.dynamodb.describe_import(
                ImportArn=job["ImportTableDescription"]["ImportArn"])["ImportTableDescription"], "ImportStatus")
            server.dynamodb.delete_table(TableName=f"imported{number}")

        rows = []
        alone = None
        for name, job in [("nothing", None), ("exports", export), ("imports", import_table)]:
            count = 0
            stop = threading.Event()

            def again(job=job):
                nonlocal count
                while not stop.is_set():
                    job(count)
                    count += 1
            thread = threading.Thread(target=again) if job else None
            if thread:
                thread.start()
            latencies = measured(server.port, seconds)
            stop.set()
            if thread:
                thread.join()
            p50, p99, worst = (latencies[min(len(latencies) - 1, int(len(latencies) * share))] * 1000
                               for share in (0.5, 0.99, 1))
            alone = alone or p99
            rows.append([name + (f" ({count})" if job else ""), f"{p50:.2f}", f"{p99:.2f}", f"{worst:.2f}", f"{p99 / alone:.1f}×"])
    table(f"GetItem {RATE} times a second on one connection, beside", ["beside", "p50 ms", "p99 ms", "max ms", "p99 to alone"],
          rows)


def measured(port, seconds):
    """The sorted latencies, in seconds, that a process of its own saw."""
    command = [sys.executable, str(pathlib.Path(__file__).resolve()), str(port), str(seconds)]
    return sorted(json.loads(subprocess.run(command, capture_output=True, check=True).stdout))


def client(port, seconds):
    # On a machine of its own it would never wait for a processor.
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    except PermissionError:
        print("paced.py: no real-time priority: what the client waits for processors counts too", file=sys.stderr)
    latencies = []
    signature = "".join(f"{name}: {value}\r\n" for name, value in SIGNATURE.items())
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        begin = time.monotonic()
        number = 0
        while (due := begin + number / RATE) < begin + seconds:
            number += 1
            time.sleep(max(0, due - time.monotonic()))
            body = json.dumps({"TableName": "bench", "Key": {"pk": {"S": f"k{number * 7919 % KEYS:07}"}, "sk": {"S": "item"}}})
            request = (f"POST / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/x-amz-json-1.0\r\n"
                       f"X-Amz-Target: DynamoDB_20120810.GetItem\r\n{signature}"
                       f"Content-Length: {len(body)}\r\n\r\n{body}").encode()
            sent = time.monotonic()
            connection.sendall(request)
            take_answer(connection)
            latencies.append(time.monotonic() - sent)
    json.dump(latencies, sys.stdout)


def take_answer(connection):
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += received(connection)
    head, _, body = answer.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        sys.exit(f"paced.py: {answer!r}")
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
    rest = int(fields[b"content-length"]) - len(body)
    while rest > 0:
        rest -= len(received(connection))


def received(connection):
    piece = connection.recv(65536)
    if not piece:
        sys.exit("paced.py: the server closed the connection")
    return piece


if __name__ == "__main__":
    client(int(sys.argv[1]), float(sys.argv[2]))
