"""The section `s3-limits` of script/bench: does the object store keep its limits? Large objects with bounded memory, uploads
of 10,000 parts, buckets of a million keys, DeleteObjects, and what --fsync costs. Needs 12 GB of disk; gives it back."""
import base64
import concurrent.futures
import hashlib
import http.client
import os
import pathlib
import re
import shutil
import statistics
import tempfile
import time

from support import MemoryWatch, Server, load, table

MIB = 1 << 20
PART_MIN = 5 * MIB
BLOCK = os.urandom(MIB)


class Watched:
    """Time, CPU and memory of the server during something."""

    def __init__(self, server):
        self.server = server

    def __enter__(self):
        self.before, self.cpu, self.begin = self.server.rss_megabytes(), self.server.cpu_seconds(), time.monotonic()
        self._watch = MemoryWatch(self.server)
        self._watch.start()
        return self

    def __exit__(self, *_):
        self.seconds = time.monotonic() - self.begin
        self.cpu = self.server.cpu_seconds() - self.cpu
        self._watch.growth()
        self.peak, self.after = self._watch.most, self.server.rss_megabytes()

    def row(self, name, remark):
        return [name, f"{self.seconds:.2f} s", f"{self.cpu:.2f} s", f"{self.before:.0f} / {self.peak:.0f} / {self.after:.0f} MB", remark]


def blocks(mebibytes):
    for number in range(mebibytes):
        yield number.to_bytes(8, "big") + BLOCK[8:]


def md5_of(mebibytes):
    digest = hashlib.md5()
    for block in blocks(mebibytes):
        digest.update(block)
    return digest.hexdigest()


def send(server, target, mebibytes):
    """PUT of so many MiB; the headers of the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=600)
    connection.request("PUT", target, blocks(mebibytes), {"Content-Length": str(mebibytes * MIB)})
    response = connection.getresponse()
    assert response.status == 200, response.read()
    response.read()
    connection.close()
    return response.headers


def receive(server, target):
    """MD5 and length of what a GET brings."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=600)
    connection.request("GET", target)
    response = connection.getresponse()
    assert response.status == 200, response.read()
    digest, size, buffer = hashlib.md5(), 0, bytearray(MIB)
    while count := response.readinto(buffer):
        digest.update(memoryview(buffer)[:count])
        size += count
    connection.close()
    return digest.hexdigest(), size


def complete(server, target, upload_id, etags):
    parts = "".join(f"<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>" for number, etag in enumerate(etags, 1))
    body = f"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>".encode()
    answer = server.request("POST", f"{target}?uploadId={upload_id}", body)
    assert b"<CompleteMultipartUploadResult" in answer, answer
    return answer


def begin_upload(server, target):
    return re.search(b"<UploadId>(.*)</UploadId>", server.request("POST", target + "?uploads"))[1].decode()


def large_objects(server, mebibytes):
    rows = []
    server.request("PUT", "/large")
    with Watched(server) as watched:
        etag = send(server, "/large/whole", mebibytes)["ETag"]
    md5 = md5_of(mebibytes)
    assert etag == f'"{md5}"', "the ETag of what was sent"
    name = f"{mebibytes / 1024:.0f} GiB"
    rows.append(watched.row(f"PUT of {name}", f"{mebibytes * MIB / 1e6 / watched.seconds:,.0f} MB/s"))
    with Watched(server) as watched:
        assert receive(server, "/large/whole") == (md5, mebibytes * MIB)
    rows.append(watched.row(f"GET of {name}", f"{mebibytes * MIB / 1e6 / watched.seconds:,.0f} MB/s, the MD5 is right"))
    with Watched(server) as watched:
        server.request("DELETE", "/large/whole")
    rows.append(watched.row(f"DELETE of {name}", ""))

    part = 128
    with Watched(server) as watched:
        upload_id = begin_upload(server, "/large/parts")
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            etags = list(pool.map(lambda n: send(server, f"/large/parts?partNumber={n}&uploadId={upload_id}", part)["ETag"],
                                  range(1, mebibytes // part + 1)))
    rows.append(watched.row(f"{len(etags)} parts of {part} MiB, four at a time", f"{mebibytes * MIB / 1e6 / watched.seconds:,.0f} MB/s"))
    with Watched(server) as watched:
        complete(server, "/large/parts", upload_id, etags)
    rows.append(watched.row("completing them", ""))
    with Watched(server) as watched:
        _, size = receive(server, "/large/parts")
        assert size == mebibytes * MIB
    rows.append(watched.row(f"GET of the {name}", f"{mebibytes * MIB / 1e6 / watched.seconds:,.0f} MB/s"))
    server.request("DELETE", "/large/parts")
    return rows


def many_parts(server, count):
    """Parts of 5 MiB, the least that is allowed, all of them copies of one object: hard links, no data."""
    rows = []
    server.request("PUT", "/parts")
    send(server, "/parts/source", PART_MIN // MIB)
    upload_id = begin_upload(server, "/parts/object")

    def copy(numbers):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=600)
        etags = []
        for number in numbers:
            connection.request("PUT", f"/parts/object?partNumber={number}&uploadId={upload_id}", headers={"x-amz-copy-source": "/parts/source"})
            response = connection.getresponse()
            answer = response.read().decode()
            assert response.status == 200, answer
            etags.append((number, re.search("<ETag>(.*)</ETag>", answer)[1].replace("&quot;", '"')))
        connection.close()
        return etags

    with Watched(server) as watched, concurrent.futures.ThreadPoolExecutor(4) as pool:
        found = [pair for part in pool.map(copy, [range(first, count + 1, 4) for first in range(1, 5)]) for pair in part]
    etags = [etag for _, etag in sorted(found)]
    rows.append(watched.row(f"{count:,} times UploadPartCopy of 5 MiB", f"{watched.seconds / count * 1e3:.1f} ms each"))
    with Watched(server) as watched:
        answer = complete(server, "/parts/object", upload_id, etags)
    assert f"-{count}&quot;".encode() in answer or f'-{count}"'.encode() in answer, answer
    rows.append(watched.row(f"completing {count:,} parts", ""))
    with Watched(server) as watched:
        for offset in range(0, count * PART_MIN, count * PART_MIN // 100):
            server.request("GET", "/parts/object", Range=f"bytes={offset}-{offset + 999}")
    rows.append(watched.row("100 ranges of 1,000 bytes, all over it", f"{watched.seconds * 10:.1f} ms each"))
    with Watched(server) as watched:
        assert len(server.request("GET", f"/parts/object?partNumber={count}")) == PART_MIN
    rows.append(watched.row("GET of the last part", ""))
    with Watched(server) as watched:
        server.request("DELETE", "/parts/object")
    rows.append(watched.row("DELETE of the object", ""))
    server.request("DELETE", "/parts/source")
    return rows


def page_rows(server, key_count):
    """Times of single pages, the median of nine."""
    def key(number):
        return f"{number // 1000:04}%2Fk{number:07}"

    places = [("first", None), ("middle", key(key_count // 2)), ("last", key(key_count - 1001))]
    forms = [("v2", "list-type=2", "start-after"), ("v1", "", "marker"), ("versions", "versions", "key-marker")]
    rows = []

    def measure(name, query, entries, kind):
        times = []
        for _ in range(9):
            begin = time.monotonic()
            answer = server.request("GET", f"/many?{query}")
            times.append(time.monotonic() - begin)
        assert answer.count(kind) == entries, (name, answer.count(kind))
        rows.append([name, entries, f"{statistics.median(times) * 1000:.1f} ms", f"{max(times) * 1000:.1f} ms"])

    for form, base, marker in forms:
        kind = b"<Version>" if form == "versions" else b"<Contents>"
        for place, after in places:
            measure(f"{form}, the {place} page", base + (f"&{marker}={after}" if after else ""), 1000, kind)
    folders = min(key_count // 1000, 1000)
    measure("v2, delimiter /: the folders", "list-type=2&delimiter=/", folders, b"<CommonPrefixes>")
    measure("v2, prefix and delimiter: one folder in the middle",
            f"list-type=2&delimiter=/&prefix={key_count // 2000:04}%2F", 1000, b"<Contents>")
    measure("versions, delimiter /: the folders", "versions&delimiter=/", folders, b"<CommonPrefixes>")
    measure("v2, prefix that nothing has", "list-type=2&prefix=nothing", 0, b"<Contents>")
    return rows


def delete_many(server, key_count):
    """Empties the bucket, 1,000 keys a request; the seconds of each."""
    times = []
    for first in range(0, key_count, 1000):
        body = ("<Delete><Quiet>true</Quiet>" + "".join(
            f"<Object><Key>{number // 1000:04}/k{number:07}</Key></Object>" for number in range(first, first + 1000)) + "</Delete>").encode()
        digest = base64.b64encode(hashlib.md5(body).digest()).decode()
        begin = time.monotonic()
        answer = server.request("POST", "/many?delete", body, **{"Content-MD5": digest})
        times.append(time.monotonic() - begin)
        assert b"<Error>" not in answer
    return times


def many_keys(server, key_count):
    server.request("PUT", "/many")
    with Watched(server) as watched:
        filled = load(server, "s3-fill", 16, 600, requests=key_count, keys=key_count, bucket="many", bytes=100)
        assert filled["requests"] == key_count
    rows = [watched.row(f"{key_count:,} PUTs of 100 bytes", f"{filled['per_second']:,.0f}/s")]
    pages = page_rows(server, key_count)
    with Watched(server) as watched:
        listed = load(server, "s3-list", 1, 600, requests=key_count // 1000, keys=key_count, bucket="many")
    rows.append(watched.row(f"listing all {key_count // 1000:,} pages", f"{listed['p50_us'] / 1000:.1f} ms a page, p99 {listed['p99_us'] / 1000:.1f} ms"))
    with Watched(server) as watched:
        times = delete_many(server, key_count)
    rows.append(watched.row(f"{len(times):,} times DeleteObjects of 1,000 keys",
                            f"{statistics.median(times) * 1000:.1f} ms each, at most {max(times) * 1000:.0f} ms"))
    with Watched(server) as watched:
        server.request("GET", "/many?list-type=2")
    rows.append(watched.row("listing the emptied bucket", ""))
    return rows, pages


def durable(scratch, seconds):
    """The same small operations with and without --fsync."""
    rows = []
    for name, args in [("default", []), ("--fsync", ["--fsync"])]:
        with Server("tidemark", tempfile.mkdtemp(dir=scratch), args) as server:
            server.request("PUT", "/many")
            server.request("PUT", "/small")
            cells = []
            for connections in (1, 16, 64):
                answer = load(server, "s3-put", connections, seconds, keys=2000, bucket="small", bytes=1024)
                cells.append(f"{answer['per_second']:,.0f}/s ({answer['cpu_us']:.0f} us)")
            load(server, "s3-fill", 64, 60, requests=5000, keys=5000, bucket="many", bytes=1024)
            times = delete_many(server, 5000)
            rows.append([name, *cells, f"{statistics.median(times) * 1000:.1f} ms"])
    return rows


def s3_limits(scratch, seconds, quick):
    if shutil.disk_usage(scratch).free < 15e9:
        raise SystemExit("s3-limits needs 15 GB of free disk")
    head = ["what", "took", "CPU of the server", "RSS before / peak / after", ""]
    directory = tempfile.mkdtemp(dir=scratch)
    with Server("tidemark", directory) as server:
        rows = large_objects(server, 1024 if quick else 5 * 1024)
        rows += many_parts(server, 1_000 if quick else 10_000)
        keys_rows, pages = many_keys(server, 100_000 if quick else 1_000_000)
        table("S3: limits", head, rows + keys_rows)
        table("S3: one page of a listing", ["page", "entries", "median", "longest"], pages)
        left = sum(1 for path in pathlib.Path(directory).glob("objects/data/*/*") if path.is_file())
        print(f"\nData files left in the end: {left}.")
    table("S3: PUT of 1 KB and DeleteObjects of 1,000 keys, and what --fsync costs",
          ["durability", "PUT, 1 connection", "16", "64", "DeleteObjects"], durable(scratch, seconds))
