#!/usr/bin/env python3
"""Measures Tidemark, side by side with Dynoxide or s3rver where a peer is named, and prints tables in Markdown.

    script/bench                 everything, about twenty minutes and 12 GB of disk, given back
    script/bench --quick         the same on less data
    script/bench items pitr      only those sections: items, rich, floor, key-counts, pitr, streams, deletes, transfer, imports, paced, increments, past, startup, s3
    script/bench durability      what --fsync costs; only when named
    script/bench slow-disk       latencies while every fsync takes 300 ms; only when named
    script/bench import-memory   what imports of 1.5 GB take of memory; only when named
    script/bench console         what the console takes, in Chromium; only when named
    script/bench s3-limits       the limits of the object store: ten minutes, 12 GB of disk; only when named
    script/bench --against FILE  this build beside another build of Tidemark, in one run: what a change costs

Every server listens on the loopback interface and is ended when its section is done.
"""
import argparse
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

import compare
import console
import deletes
import durability
import floor
import imports
import increments
import key_counts
import paced
import past
import rich
import s3
import s3_limits
import slow_disk
import streams
from support import GZIP_SPEED, JOB_PAUSE_S, TIDEMARK, MemoryWatch, Server, create_table, load, recover, table, wait_for

SECTIONS = ["items", "rich", "floor", "key-counts", "pitr", "streams", "deletes", "transfer", "imports", "paced", "increments", "past",
            "startup", "s3"]


def items(scratch, seconds):
    """Single-item and multi-item operations, 1 KB items, default durability, against Dynoxide file-backed."""
    plan = [("put", 16, {}), ("put", 64, {}), ("get", 16, {}), ("get", 64, {}), ("update", 16, {}), ("update", 64, {}),
            ("query", 16, {}), ("scan", 16, {}), ("scan-filter", 16, {}), ("batch-get", 16, {}), ("batch-write", 16, {}),
            ("transact-write", 16, {}), ("put", 16, {"table": "bench-index"}), ("query-index", 16, {"table": "bench-index"})]
    names = {"query": "query (10 items)", "scan": "scan (100 items)", "scan-filter": "scan (100 items) with a filter",
             "batch-get": "batch-get (100 items)", "batch-write": "batch-write (25 items)",
             "transact-write": "transact-write (4 items)", "query-index": "query of a GSI (10 items)"}
    found = {}
    for kind in ["tidemark", "dynoxide"]:
        with Server(kind, tempfile.mkdtemp(dir=scratch)) as server:
            create_table(server, "bench")
            create_table(server, "bench-index", with_index=True)
            # The peer is slow at filling, so the data set is small: it fits every cache of both.
            load(server, "fill-query", requests=2_000, keys=2_000, seconds=60)
            load(server, "put", requests=2_000, keys=2_000, seconds=60)
            for workload, connections, options in plan:
                key = (workload, connections, options.get("table", "bench"))
                found[kind, key] = load(server, workload, connections, seconds, keys=2_000, **options)
            if kind == "tidemark":
                constant = load(server, "constant", 16, seconds)
    rows = []
    for workload, connections, options in plan:
        key = (workload, connections, options.get("table", "bench"))
        ours, theirs = found["tidemark", key], found["dynoxide", key]
        name = names.get(workload, workload + (" with a GSI" if options else ""))
        rows.append([name, connections, f"{ours['cpu_us']:.1f}", f"{theirs['cpu_us']:.0f}",
                     f"{theirs['cpu_us'] / ours['cpu_us']:.0f}×", f"{ours['per_second']:,.0f}",
                     f"{theirs['per_second']:,.0f}", f"{ours['per_second'] / theirs['per_second']:.0f}×",
                     f"{ours['p99_us']:.0f}"])
    rows.append(["(health check: the HTTP server alone)", 16, f"{constant['cpu_us']:.1f}", "", "",
                 f"{constant['per_second']:,.0f}", "", "", f"{constant['p99_us']:.0f}"])
    table("Operations on 1 KB items: Tidemark and Dynoxide, both on files, in one run",
          ["operation", "connections", "CPU us/request", "Dynoxide", "less CPU", "requests/s", "Dynoxide", "faster",
           "p99 us"], rows)
    share = found["tidemark", ("get", 16, "bench")]["per_second"] / constant["per_second"]
    print(f"\nGetItem reaches {share:.0%} of the requests/s of the same HTTP server answering a constant.")
    puts = 4 * found["tidemark", ("put", 16, "bench")]["cpu_us"]
    cost = found["tidemark", ("transact-write", 16, "bench")]["cpu_us"] / puts
    print(f"\nTransactWriteItems of four items costs {cost:.2f} times the CPU of four PutItem.")


def pitr(scratch, seconds):
    """PutItem with point-in-time recovery off and on, in turn, so that drift hits both."""
    with Server("tidemark", tempfile.mkdtemp(dir=scratch)) as server:
        for name in ["pitr-off", "pitr-on"]:
            create_table(server, name)
        recover(server, "pitr-on")
        rates = {"pitr-off": [], "pitr-on": []}
        cpu = {"pitr-off": [], "pitr-on": []}
        for name in rates:
            load(server, "put", 16, seconds, table=name, keys=10_000)
        for _ in range(3):
            for name in rates:
                answer = load(server, "put", 16, seconds, table=name, keys=10_000)
                rates[name].append(answer["per_second"])
                cpu[name].append(answer["cpu_us"])
    mean = {name: sum(values) / len(values) for name, values in rates.items()}
    table("PutItem with PITR, overwriting 10,000 items", ["table", "requests/s", "CPU us/request"],
          [[name, f"{mean[name]:,.0f}", f"{sum(cpu[name]) / 3:.1f}"] for name in rates])
    share = mean["pitr-on"] / mean["pitr-off"]
    print(f"\nPITR on reaches {share:.2f} of off.")


def transfer(scratch, item_count):
    """Export, import and restore of a table of 1 KB items; point reads while an export runs."""
    gzip_alone = json.loads(subprocess.run([GZIP_SPEED], capture_output=True, text=True, check=True).stdout)
    rows = []
    with Server("tidemark", tempfile.mkdtemp(dir=scratch)) as server:
        arn = create_table(server, "bench")
        recover(server, "bench")
        server.s3.create_bucket(Bucket="lake")
        written = load(server, "fill-batch", 16, 60, requests=item_count // 25, keys=item_count)
        batch_rate = written["per_second"] * 25
        quiet = load(server, "get", 16, 3, keys=10_000)

        def export(name):
            watch = MemoryWatch(server)
            watch.start()
            cpu, begin = server.cpu_seconds(), time.monotonic()
            job = server.dynamodb.export_table_to_point_in_time(TableArn=arn, S3Bucket="lake", S3Prefix=name)
            done = wait_for(lambda: server.dynamodb.describe_export(
                ExportArn=job["ExportDescription"]["ExportArn"])["ExportDescription"], "ExportStatus")
            return done, time.monotonic() - begin, server.cpu_seconds() - cpu, watch.growth()

        export("warm-up")
        done, seconds, cpu, growth = export("measured")
        prefix = done["ExportManifest"].replace("manifest-summary.json", "data/")
        megabytes = exported_megabytes(server, prefix)
        cores = min(cpu / seconds, os.cpu_count())
        alone = gzip_alone["megabytes_per_second"]
        rows.append(["full export", f"{done['ItemCount']:,} items, {megabytes:.0f} MB", f"{seconds:.2f} s",
                     f"{megabytes / seconds:.0f} MB/s",
                     f"{megabytes / cpu:.0f} MB/s a core = {megabytes / cpu / alone:.0%} of gzip alone ({alone:.0f}); "
                     f"RSS +{growth:.0f} MB, {cores:.1f} cores"])

        stop = threading.Event()
        exports = []

        def exporting():
            while not stop.is_set():
                exports.append(export(f"during{len(exports)}"))

        thread = threading.Thread(target=exporting)
        thread.start()
        busy = load(server, "get", 16, 3, keys=10_000)
        stop.set()
        thread.join()
        rows.append(["GetItem during exports", "16 connections", "", f"{busy['per_second']:,.0f}/s",
                     f"p99 {busy['p99_us']:.0f} us; before {quiet['p99_us']:.0f} us: {busy['p99_us'] / quiet['p99_us']:.1f}×"])

        watch = MemoryWatch(server)
        watch.start()
        cpu, begin = server.cpu_seconds(), time.monotonic()
        job = server.dynamodb.import_table(
            S3BucketSource={"S3Bucket": "lake", "S3KeyPrefix": prefix}, InputFormat="DYNAMODB_JSON",
            InputCompressionType="GZIP",
            TableCreationParameters={
                "TableName": "imported",
                "AttributeDefinitions": [{"AttributeName": a, "AttributeType": "S"} for a in ["pk", "sk"]],
                "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
                "BillingMode": "PAY_PER_REQUEST"})
        done = wait_for(lambda: server.dynamodb.describe_import(
            ImportArn=job["ImportTableDescription"]["ImportArn"])["ImportTableDescription"], "ImportStatus")
        seconds, cpu = time.monotonic() - begin, server.cpu_seconds() - cpu
        rate = done["ImportedItemCount"] / seconds
        rows.append(["import", f"{done['ImportedItemCount']:,} items, {megabytes:.0f} MB", f"{seconds:.2f} s",
                     f"{megabytes / seconds:.0f} MB/s",
                     f"{rate:,.0f} items/s; BatchWriteItem {batch_rate:,.0f} items/s: {rate / batch_rate:.1f}×; "
                     f"{megabytes / cpu:.0f} MB/s a core; RSS +{watch.growth():.0f} MB"])
        rows.append(restore(server, megabytes, megabytes / seconds))
    table("Exports, imports and restores", ["job", "of", "took", "speed", "compared"], rows)


def restore(server, megabytes, import_speed):
    """A row: the table as it is now, to a new one. Speeds count the JSON that the items are in an export."""
    watch = MemoryWatch(server)
    watch.start()
    cpu, begin = server.cpu_seconds(), time.monotonic()
    server.dynamodb.restore_table_to_point_in_time(
        SourceTableName="bench", TargetTableName="restored", UseLatestRestorableTime=True)
    while True:
        restored = server.dynamodb.describe_table(TableName="restored")["Table"]
        if restored["TableStatus"] == "ACTIVE":
            break
        time.sleep(JOB_PAUSE_S)
    seconds, cpu = time.monotonic() - begin, server.cpu_seconds() - cpu
    speed = megabytes / seconds
    return ["restore", f"{restored['ItemCount']:,} items, {megabytes:.0f} MB", f"{seconds:.2f} s", f"{speed:.0f} MB/s",
            f"import: {speed / import_speed:.1f}×; {megabytes / cpu:.0f} MB/s a core; RSS +{watch.growth():.0f} MB"]


def exported_megabytes(server, prefix):
    """Uncompressed size of the data files of an export, from their last four bytes."""
    total = 0
    for page in server.s3.get_paginator("list_objects_v2").paginate(Bucket="lake", Prefix=prefix):
        for entry in page.get("Contents", []):
            tail = server.s3.get_object(Bucket="lake", Key=entry["Key"], Range="bytes=-4")["Body"].read()
            total += int.from_bytes(tail, "little")
    return total / 1e6


def first_answer_seconds(directory):
    """From the start of the process to the first answered request; then the idle memory."""
    begin = time.monotonic()
    process = subprocess.Popen([TIDEMARK, "serve", "--port", "0", "--s3-port", "0", "--data-dir", directory,
                                "--log-level", "error"], stdout=subprocess.PIPE, text=True)
    port = json.loads(process.stdout.readline())["port"]
    urllib.request.urlopen(f"http://127.0.0.1:{port}/").read()
    seconds = time.monotonic() - begin
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    rss = int(status.split("VmRSS:")[1].split()[0]) / 1024
    return process, seconds, rss


def startup(scratch, item_count):
    rows = []

    def measure(name, directory, end):
        best, memory = 9.0, 0.0
        for _ in range(5):
            process, seconds, memory = first_answer_seconds(directory() if callable(directory) else directory)
            process.send_signal(end)
            process.wait()
            best = min(best, seconds)
        rows.append([name, f"{best * 1000:.0f} ms", f"{memory:.0f} MB"])

    measure("an empty directory", lambda: tempfile.mkdtemp(dir=scratch), signal.SIGTERM)
    full = tempfile.mkdtemp(dir=scratch)
    with Server("tidemark", full) as server:
        create_table(server, "bench")
        load(server, "fill-batch", 16, 60, requests=item_count // 25, keys=item_count)
    size = sum(f.stat().st_size for f in pathlib.Path(full).rglob("*") if f.is_file()) / 1e6
    measure(f"{item_count:,} items of 1 KB, {size:.0f} MB on disk, after a clean stop", full, signal.SIGTERM)
    process, _, _ = first_answer_seconds(full)
    process.kill()
    process.wait()
    with Server("tidemark", full) as server:
        load(server, "put", 16, 3, keys=10_000)
        server.process.kill()
        server.process.wait()
    process, seconds, memory = first_answer_seconds(full)
    process.send_signal(signal.SIGTERM)
    process.wait()
    rows.append(["the same after kill -9 in the middle of writes", f"{seconds * 1000:.0f} ms", f"{memory:.0f} MB"])
    table("Start to first answer, best of five; memory then", ["data directory", "first answer", "RSS"], rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sections", nargs="*", choices=[*SECTIONS, "console", "s3-limits", "slow-disk", "durability", "import-memory", []])
    parser.add_argument("--quick", action="store_true", help="less data and shorter runs")
    parser.add_argument("--against", metavar="FILE", help="another tidemark program; nothing else is measured then")
    arguments = parser.parse_args()
    wanted = arguments.sections or SECTIONS
    seconds = 1.5 if arguments.quick else 4.0
    item_count = 50_000 if arguments.quick else 400_000
    scratch = tempfile.mkdtemp(prefix="tidemark-bench-")
    try:
        if arguments.against:
            return compare.compare(scratch, arguments.against, 1.0 if arguments.quick else 2.0)
        if "items" in wanted:
            items(scratch, seconds)
        if "rich" in wanted:
            rich.rich(scratch, seconds)
        if "floor" in wanted:
            floor.floor(scratch, seconds)
        if "key-counts" in wanted:
            largest = 1_000_000 if arguments.quick else 10_000_000
            key_counts.key_counts(scratch, seconds, [10_000, largest // 10, largest])
        if "pitr" in wanted:
            pitr(scratch, seconds)
        if "streams" in wanted:
            streams.streams(scratch, seconds)
        if "deletes" in wanted:
            deletes.deletes(scratch, seconds, 100_000 if arguments.quick else 1_000_000)
        if "transfer" in wanted:
            transfer(scratch, item_count)
        if "paced" in wanted:
            paced.paced(scratch, item_count, 2 * seconds)
        if "imports" in wanted:
            imports.imports(scratch, item_count // 2)
            imports.many_objects(scratch, 50_000)
        if "import-memory" in wanted:
            imports.memory(scratch, 250 if arguments.quick else 1_500)
        if "increments" in wanted:
            increments.increments(scratch, item_count, 7)
        if "past" in wanted:
            past.past(scratch, seconds, 100_000 if arguments.quick else 1_000_000)
        if "startup" in wanted:
            startup(scratch, 100_000 if arguments.quick else 1_000_000)
        if "s3" in wanted:
            s3.s3(scratch, seconds, 20_000 if arguments.quick else 100_000)
        if "durability" in wanted:
            durability.durability(scratch, seconds)
        if "slow-disk" in wanted:
            slow_disk.slow_disk(scratch, 4 * seconds)
        if "console" in wanted:
            console.console(scratch, seconds, 350_000 if arguments.quick else 10_000_000)
        if "s3-limits" in wanted:
            s3_limits.s3_limits(scratch, seconds, arguments.quick)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    main()
