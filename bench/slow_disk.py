"""Latencies on a disk that takes 300 ms for every fsync, beside the same without: whom does a checkpoint, a flush or an import hold up?"""
import tempfile
import threading
import time

from support import SLOW_SYNC, Server, create_table, load, table

SYNC_MS = 300


def slow_disk(scratch, seconds):
    for sync_ms in (0, SYNC_MS):
        latencies(scratch, seconds, sync_ms)


def latencies(scratch, seconds, sync_ms):
    """GetItem and PutItem, default durability, while the log is rotated, memtables are flushed and a table is imported."""
    environment = {"LD_PRELOAD": str(SLOW_SYNC), "SLOW_SYNC_MS": str(sync_ms)}
    rows = []
    with Server("tidemark", tempfile.mkdtemp(dir=scratch), more_environment=environment) as server:
        create_table(server, "bench")
        server.s3.create_bucket(Bucket="lake")
        lines = "".join(f'{{"Item":{{"pk":{{"S":"k{i}"}},"sk":{{"S":"s"}},"v":{{"S":"{"x" * 900}"}}}}}}\n' for i in range(20_000))
        server.s3.put_object(Bucket="lake", Key="in/1.json", Body=lines.encode())
        load(server, "put", requests=2_000, keys=2_000, seconds=60)
        for name, during in [("writes alone", None), ("imports, one after the other", imports)]:
            stop = threading.Event()
            done = []
            background = threading.Thread(target=during, args=(server, stop, done)) if during else None
            found = {}
            writer = threading.Thread(target=lambda: found.update(put=load(server, "put", 8, seconds, keys=2_000)))
            if background:
                background.start()
            writer.start()
            found["get"] = load(server, "get", 4, seconds, keys=2_000)
            writer.join()
            stop.set()
            if background:
                background.join()
            for operation in ["get", "put"]:
                answer = found[operation]
                rows.append([name + (f" ({len(done)})" if during else ""), operation, f"{answer['per_second']:,.0f}",
                             f"{answer['p99_us'] / 1000:.1f}", f"{answer['max_us'] / 1000:.1f}"])
    table(f"Every fsync takes {sync_ms} ms more: 4 connections GetItem, 8 connections PutItem, at once",
          ["beside", "operation", "requests/s", "p99 ms", "max ms"], rows)


def imports(server, stop, done):
    while not stop.is_set():
        arn = server.dynamodb.import_table(
            S3BucketSource={"S3Bucket": "lake", "S3KeyPrefix": "in/"}, InputFormat="DYNAMODB_JSON",
            TableCreationParameters={
                "TableName": f"imported-{len(done)}", "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
                "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            })["ImportTableDescription"]["ImportArn"]
        while server.dynamodb.describe_import(ImportArn=arn)["ImportTableDescription"]["ImportStatus"] == "IN_PROGRESS":
            time.sleep(0.05)
        done.append(arn)
