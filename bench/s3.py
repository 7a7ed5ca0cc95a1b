"""The section `s3` of script/bench: objects over HTTP, side by side with s3rver and with the machine's file copy."""
import hashlib
import json
import os
import pathlib
import tempfile
import time

from support import Server, load, table

SMALL_BYTES = 1024
SMALL_KEYS = 2_000
LARGE_BYTES = 8 << 20
LARGE_KEYS = 16
KEYS_PER_PAGE = 1_000


def lay_down(directory, bucket, key_count):
    """Objects of 1 KB as the files that s3rver itself makes of them: PUTs would take it minutes."""
    body = os.urandom(SMALL_BYTES)
    digest = hashlib.md5(body).hexdigest()
    metadata = json.dumps({"content-type": "application/octet-stream"}, indent=2)
    for number in range(key_count):
        folder = pathlib.Path(directory) / bucket / f"{number // 1000:04}"
        if number % 1000 == 0:
            folder.mkdir(parents=True)
        stem = f"{folder}/k{number:07}._S3rver_"
        pathlib.Path(stem + "object").write_bytes(body)
        pathlib.Path(stem + "object.md5").write_text(digest)
        pathlib.Path(stem + "metadata.json").write_text(metadata)


def raw_files(scratch, seconds):
    """MB/s of reading files of 8 MB from the page cache, and of copying them to new files in the page cache: blocks
    of 1 MiB, read(2) and write(2), one thread, no fsync."""
    directory = tempfile.mkdtemp(dir=scratch)
    block = bytearray(1 << 20)
    view = memoryview(block)
    for number in range(LARGE_KEYS):
        pathlib.Path(f"{directory}/{number}").write_bytes(os.urandom(LARGE_BYTES))

    def once(number, with_copy):
        source = os.open(f"{directory}/{number}", os.O_RDONLY)
        target = os.open(f"{directory}/{number}.copy", os.O_WRONLY | os.O_CREAT | os.O_TRUNC) if with_copy else -1
        while count := os.readv(source, [block]):
            if with_copy:
                os.write(target, view[:count])
        os.close(source)
        if with_copy:
            os.close(target)

    def speed(with_copy):
        begin, done = time.monotonic(), 0
        while done < LARGE_KEYS or time.monotonic() < begin + seconds:
            once(done % LARGE_KEYS, with_copy)
            done += 1
        return done * LARGE_BYTES / 1e6 / (time.monotonic() - begin)

    return {"read": speed(False), "copy": speed(True)}


def row_of_rates(name, connections, ours, theirs):
    return [name, connections, f"{ours['per_second']:,.0f}", f"{theirs['per_second']:,.0f}",
            f"{ours['per_second'] / theirs['per_second']:.1f}×", f"{ours['cpu_us']:.1f}", f"{theirs['cpu_us']:.0f}",
            f"{ours['p99_us']:.0f}", f"{theirs['p99_us']:.0f}"]


def small_objects(both, seconds):
    rows, least = [], 1e9
    plan = [("PUT", "s3-put"), ("GET", "s3-get"), ("HEAD", "s3-head")]
    for server in both:
        load(server, "s3-put", requests=SMALL_KEYS, keys=SMALL_KEYS, seconds=60, bucket="small", bytes=SMALL_BYTES)
    for name, workload in plan:
        for connections in (1, 16):
            found = [load(server, workload, connections, seconds, keys=SMALL_KEYS, bucket="small", bytes=SMALL_BYTES)
                     for server in both]
            rows.append(row_of_rates(f"{name} of 1 KB", connections, *found))
            if connections > 1:
                least = min(least, found[0]["per_second"] / found[1]["per_second"])
    return rows, least


def many_keys(both, seconds, key_count):
    ours, theirs = both
    filled = load(ours, "s3-fill", 16, 60, requests=key_count, keys=key_count, bucket="many", bytes=SMALL_BYTES)
    lay_down(theirs.directory, "many", key_count)
    pages = key_count // KEYS_PER_PAGE
    listed = [load(server, "s3-list", 1, 60, requests=pages, keys=key_count, bucket="many") for server in both]
    deleted = [load(server, "s3-delete", 16, seconds, requests=key_count, keys=key_count, bucket="many")
               for server in both]
    rows = [row_of_rates("LIST, pages of 1,000 keys", 1, *listed), row_of_rates("DELETE of 1 KB", 16, *deleted)]
    least = min(pair[0]["per_second"] / pair[1]["per_second"] for pair in (listed, deleted))
    whole = " and ".join(f"{answer['seconds']:.1f} s" + ("" if answer["requests"] == pages else
                         f" for only {answer['requests']} pages") for answer in listed)
    note = (f"Filling a bucket with {key_count:,} keys: {filled['per_second']:,.0f} PUTs/s. Listing all of it: {whole}.")
    return rows, least, note


def large_objects(both, seconds, raw):
    rows, best = [], 0.0
    for server in both:
        load(server, "s3-put", 1, 60, requests=LARGE_KEYS, keys=LARGE_KEYS, bucket="large", bytes=LARGE_BYTES)
    for name, workload in [("PUT", "s3-put"), ("GET", "s3-get")]:
        for connections in (1, 4):
            found = [load(server, workload, connections, seconds, keys=LARGE_KEYS, bucket="large", bytes=LARGE_BYTES)
                     for server in both]
            speeds = [answer["per_second"] * LARGE_BYTES / 1e6 for answer in found]
            rows.append([f"{name} of 8 MB", connections, f"{speeds[0]:,.0f}", f"{speeds[1]:,.0f}",
                         f"{speeds[0] / speeds[1]:.1f}×", f"{speeds[0] / raw['copy']:.0%}", f"{speeds[0] / raw['read']:.0%}",
                         f"{found[0]['cpu_us'] / 1000:.1f}", f"{found[1]['cpu_us'] / 1000:.1f}",
                         f"{found[0]['p99_us'] / 1000:.0f}", f"{found[1]['p99_us'] / 1000:.0f}"])
            if name == "GET":
                best = max(best, speeds[0] / raw["copy"])
    return rows, best


def s3(scratch, seconds, key_count):
    """Requests without signatures, the same bytes to both servers, which run side by side and are asked in turn."""
    with Server("tidemark", tempfile.mkdtemp(dir=scratch)) as ours, Server("s3rver", tempfile.mkdtemp(dir=scratch)) as theirs:
        both = [ours, theirs]
        for server in both:
            for bucket in ("small", "many", "large"):
                server.request("PUT", "/" + bucket)
        constant = load(ours, "constant", 16, seconds)
        small_rows, small_least = small_objects(both, seconds)
        many_rows, many_least, note = many_keys(both, seconds, key_count)
        table("S3: Tidemark and s3rver 3.7.1, both on files, in one run",
              ["operation", "connections", "requests/s", "s3rver", "faster", "CPU us/request", "s3rver", "p99 us", "s3rver"],
              small_rows + many_rows)
        print(f"\n{note} The same HTTP server answers a constant {constant['per_second']:,.0f} times a second "
              f"({constant['cpu_us']:.1f} us).")
        raw = raw_files(scratch, seconds)
        rows, best = large_objects(both, seconds, raw)
        table("S3: objects of 8 MB", ["operation", "connections", "MB/s", "s3rver", "faster", "of the raw copy", "of the raw read",
                                      "CPU ms/request", "s3rver", "p99 ms", "s3rver"], rows)
        print(f"\nRaw, from and to the page cache: read {raw['read']:,.0f} MB/s, copy {raw['copy']:,.0f} MB/s.")
        least = min(small_least, many_least)
        print(f"Targets: small operations at least {least:.1f}× s3rver (wanted 5×); GET of 8 MB {best:.0%} of the raw copy "
              f"(wanted 50 %).")
