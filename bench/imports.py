"""What an import costs, by format and compression, of the same items."""
import gzip
import http.client
import io
import json
import subprocess
import tempfile
import time
import uuid

from support import JOB_PAUSE_S, Server, table

OBJECTS = 8


def words_of(number, count=9):
    """Text that compresses about as prose does."""
    return " ".join(f"{number * 7919 * k % 9973:x} of {number * 104729 * k % 65537:x} in the" for k in range(1, 6 * count))


LINES = {
    "DYNAMODB_JSON": lambda n, text: json.dumps(
        {"Item": {"pk": {"S": f"{n:08}"}, "a": {"S": text[:300]}, "b": {"S": text[300:600]}, "c": {"S": text[600:]}, "n": {"S": str(n)}}},
        separators=(",", ":")) + "\n",
    "ION": lambda n, text: f'$ion_1_0 {{Item:{{a:"{text[:300]}",b:"{text[300:600]}",c:"{text[600:]}",n:"{n}",pk:"{n:08}"}}}}\n',
    "CSV": lambda n, text: f"{n:08},{text[:300]},{text[300:600]},{text[600:]},{n}\n",
}
COMPRESSIONS = {
    "NONE": lambda data: data,
    "GZIP": lambda data: gzip.compress(data, 1),
    "ZSTD": lambda data: subprocess.run(["zstd", "-q", "-c"], input=data, stdout=subprocess.PIPE, check=True).stdout,
}


def run_import(server, table_name, bucket, prefix, item_count, input_format="DYNAMODB_JSON", compression="NONE", **table_more):
    """Seconds, and seconds of CPU."""
    begin, cpu = time.monotonic(), server.cpu_seconds()
    job = server.call("ImportTable", {
        "ClientToken": str(uuid.uuid4()), "InputFormat": input_format, "InputCompressionType": compression,
        "S3BucketSource": {"S3Bucket": bucket, "S3KeyPrefix": prefix},
        "TableCreationParameters": {
            "TableName": table_name, "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}], **table_more}})["ImportTableDescription"]
    while job["ImportStatus"] == "IN_PROGRESS":
        time.sleep(JOB_PAUSE_S)
        job = server.call("DescribeImport", {"ImportArn": job["ImportArn"]})["ImportTableDescription"]
    assert job["ImportedItemCount"] == item_count, job
    return time.monotonic() - begin, server.cpu_seconds() - cpu


def memory(scratch, megabytes):
    """How much an import takes at most, without and with a global index of all attributes."""
    objects = max(1, megabytes // 250)
    text = io.StringIO()
    lines = megabytes * 1_000_000 // objects // 460
    for number in range(lines):
        text.write('{"Item":{"pk":{"S":"#%08x"},"group":{"S":"%x"},"text":{"S":"%s"}}}\n' % (number, number * 7919 % 65537, words_of(number, 3)[:400]))
    lines_of_all = text.getvalue()
    index = {
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "group")],
        "GlobalSecondaryIndexes": [{"IndexName": "byGroup", "KeySchema": [{"AttributeName": "group", "KeyType": "HASH"}],
                                    "Projection": {"ProjectionType": "ALL"}}]}
    rows = []
    for name, table_more in [("no index", {}), ("a global index of all attributes", index)]:
        with Server("tidemark", tempfile.mkdtemp(dir=scratch)) as server:
            server.s3.create_bucket(Bucket="lake")
            for number in range(objects):
                server.s3.put_object(Bucket="lake", Key=f"in/{number}", Body=lines_of_all.replace('"#', f'"{number}-').encode())
            begin = server.rss_megabytes()
            server.forget_peak()
            seconds, cpu = run_import(server, "loaded", "lake", "in/", lines * objects, **table_more)
            rows.append([name, f"{lines * objects:,}", f"{megabytes} MB", f"{seconds:.0f} s", f"{cpu:.0f} s", f"{begin:.0f} MB",
                         f"{server.peak_megabytes():.0f} MB"])
    table("Memory of an import", ["table", "items", "plain", "time", "CPU", "RSS before", "at most"], rows)


def many_objects(scratch, object_count):
    """What each object costs: as many as an import may have, each with one small item."""
    with Server("tidemark", tempfile.mkdtemp(dir=scratch)) as server:
        server.s3.create_bucket(Bucket="small")
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=600)
        for number in range(object_count):
            connection.request("PUT", f"/small/in/{number:06}", b'{"Item":{"pk":{"S":"%06d"},"n":{"N":"%d"}}}\n' % (number, number))
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200, answer.status
        connection.close()
        took = [run_import(server, f"small-{turn}", "small", "in/", object_count) for turn in range(3)]
    seconds, cpu = min(seconds for seconds, _ in took), min(cpu for _, cpu in took)
    table(f"An import of {object_count:,} objects of one small item: the best of three", ["time", "objects a second", "CPU"],
          [[f"{seconds:.2f} s", f"{object_count / seconds:,.0f}", f"{cpu:.2f} s"]])


def imports(scratch, item_count):
    """Every format, plain; DynamoDB JSON compressed."""
    with Server("tidemark", tempfile.mkdtemp(dir=scratch)) as server:
        server.s3.create_bucket(Bucket="lake")

        def run(name, input_format, compression):
            took = run_import(server, name, "lake", f"{input_format}/{compression}/", item_count, input_format, compression)
            server.call("DeleteTable", {"TableName": name})
            return took

        plan = [("DYNAMODB_JSON", "NONE"), ("ION", "NONE"), ("CSV", "NONE"), ("DYNAMODB_JSON", "GZIP"), ("DYNAMODB_JSON", "ZSTD")]
        megabytes = {}
        for input_format, compression in plan:
            plain = 0
            for part in range(OBJECTS):
                text = io.StringIO()
                if input_format == "CSV":
                    text.write("pk,a,b,c,n\n")
                for number in range(part, item_count, OBJECTS):
                    text.write(LINES[input_format](number, words_of(number)))
                data = text.getvalue().encode()
                plain += len(data)
                server.s3.put_object(Bucket="lake", Key=f"{input_format}/{compression}/{part}", Body=COMPRESSIONS[compression](data))
            megabytes[input_format, compression] = plain / 1e6
        found = {source: [] for source in plan}
        for turn in range(3):
            for number, (input_format, compression) in enumerate(plan):
                found[input_format, compression].append(run(f"bench-{turn}-{number}", input_format, compression))
    rows = []
    base = min(cpu for _, cpu in found[plan[0]])
    for source in plan:
        seconds, cpu = min(took for took, _ in found[source]), min(cpu for _, cpu in found[source])
        rows.append([*source, f"{megabytes[source]:.0f} MB", f"{seconds:.2f} s", f"{megabytes[source] / seconds:.0f} MB/s",
                     f"{cpu:.2f} s", f"{cpu / base:.2f}×"])
    table(f"Imports of the same {item_count:,} items of 1 KB: the best of three",
          ["format", "compression", "plain", "time", "", "CPU", "of DynamoDB JSON, plain"], rows)
