"""What the measurements share: server processes, the load generator, tables in Markdown."""
import datetime
import http.client
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

import boto3
import botocore.config

ROOT = pathlib.Path(__file__).resolve().parent.parent
TIDEMARK = ROOT / "build/release/tidemark"
LOAD = ROOT / "build/release/bench/load"
SLOW_SYNC = ROOT / "build/release/bench/libslow_sync.so"
EPOLL_SERVER = ROOT / "build/release/bench/epoll_server"
GZIP_SPEED = ROOT / "build/release/bench/gzip_speed"
S3RVER = ROOT / "bench/node_modules/s3rver/bin/s3rver.js"
DYNOXIDE = ROOT / "bench/node_modules/@dynoxide/linux-x64/dynoxide"
TICKS = os.sysconf("SC_CLK_TCK")
# Any credentials will do.
SIGNATURE = {"X-Amz-Date": "20260101T000000Z",
             "Authorization": "AWS4-HMAC-SHA256 Credential=bench/20260101/us-east-1/dynamodb/aws4_request, "
                              "SignedHeaders=host, Signature=0"}


class Server:
    """A server process in a directory of its own: tidemark, dynoxide, s3rver or epoll. Measures its CPU and memory."""

    def __init__(self, kind, directory, args=(), program=TIDEMARK, more_environment=None):
        self.kind, self.directory = kind, directory
        begin = time.monotonic()
        if kind == "tidemark":
            command = [program, "serve", "--port", "0", "--s3-port", "0", "--data-dir", directory,
                       *([] if "--log-level" in args else ["--log-level", "error"]), *args]
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True,
                                            env={**os.environ, **(more_environment or {})})
            self.port = json.loads(self.process.stdout.readline())["port"]
        elif kind == "epoll":
            self.process = subprocess.Popen([EPOLL_SERVER, *args], stdout=subprocess.PIPE, text=True)
            self.port = json.loads(self.process.stdout.readline())["port"]
        elif kind == "s3rver":
            command = ["node", S3RVER, "-d", directory, "-a", "127.0.0.1", "-p", "0", "-s", "--no-vhost-buckets"]
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "NODE_ENV": "production"})
            while not (found := re.search(r"listening on .*:(\d+)", self.process.stdout.readline())):
                if self.process.poll() is not None:
                    sys.exit("s3rver does not start")
            self.port = int(found[1])
        else:
            self.port = 18900
            command = [DYNOXIDE, "serve", "--port", str(self.port), "--db-path", f"{directory}/dynoxide.db"]
            self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            while not self.answers():
                time.sleep(0.005)
        self.start_seconds = time.monotonic() - begin
        self.endpoint = f"http://127.0.0.1:{self.port}"
        config = botocore.config.Config(retries={"max_attempts": 0}, s3={"addressing_style": "path"})
        arguments = dict(endpoint_url=self.endpoint, region_name="us-east-1", aws_access_key_id="bench",
                         aws_secret_access_key="bench", config=config)
        self.dynamodb = boto3.client("dynamodb", **arguments)
        self.s3 = boto3.client("s3", **arguments)

    def request(self, method, target, body=b"", **headers):
        """One unsigned request; the body of its answer. Ends the run unless it is a success."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        connection.request(method, target, body, headers)
        response = connection.getresponse()
        answer = response.read()
        connection.close()
        if response.status // 100 != 2:
            sys.exit(f"{self.kind} {method} {target}: {response.status} {answer[:300]}")
        return answer

    def call(self, operation, request):
        """An operation of DynamoDB by its JSON, with members that Debian's boto3 does not know yet."""
        return json.loads(self.request("POST", "/", json.dumps(request).encode(), **{
            "Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": f"DynamoDB_20120810.{operation}", **SIGNATURE}))

    def post(self, target, body):
        return json.loads(self.request("POST", target, json.dumps(body).encode(), **{"Content-Type": "application/json"}))

    def advance(self, seconds):
        """Moves the clock; the time by then, in seconds since 1970."""
        now = self.post("/_tidemark/clock", {"advance": f"PT{seconds}S"})["now"]
        return datetime.datetime.fromisoformat(now.replace("Z", "+00:00")).timestamp()

    def answers(self):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=1)
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False
        return True

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def rss_megabytes(self):
        return self._status_megabytes("VmRSS")

    def peak_megabytes(self):
        """The most that it had since forget_peak(), or since its start."""
        return self._status_megabytes("VmHWM")

    def forget_peak(self):
        pathlib.Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    def _status_megabytes(self, name):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(name):
                return int(line.split()[1]) / 1024
        return 0.0

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def create_table(server, name, with_index=False):
    """A table as the load generator expects it; returns its ARN."""
    attributes = ["pk", "sk"] + (["gk"] if with_index else [])
    settings = dict(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": a, "AttributeType": "S"} for a in attributes],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        BillingMode="PAY_PER_REQUEST",
    )
    if with_index:
        settings["GlobalSecondaryIndexes"] = [{
            "IndexName": "by-group",
            "KeySchema": [{"AttributeName": "gk", "KeyType": "HASH"}, {"AttributeName": "pk", "KeyType": "RANGE"}],
            "Projection": {"ProjectionType": "ALL"},
        }]
    description = server.dynamodb.create_table(**settings)["TableDescription"]
    server.dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    return description["TableArn"]


def recover(server, name):
    """Switches recovery on."""
    server.dynamodb.update_continuous_backups(
        TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})


# Between looks at a job: more than sixty a second would be clients that jobs give way to.
JOB_PAUSE_S = 0.02


def wait_for(describe, status, pause=JOB_PAUSE_S):
    """The description of a job that is over; asks every `pause` seconds."""
    while (description := describe())[status] == "IN_PROGRESS":
        time.sleep(pause)
    if description[status] != "COMPLETED":
        sys.exit(f"a job failed: {description}")
    return description


def load(server, workload, connections=16, seconds=4.0, **options):
    """Runs the load generator; adds the server's CPU per request."""
    command = [LOAD, "--port", server.port, "--workload", workload, "--connections", connections, "--seconds", seconds]
    for name, value in options.items():
        command += [f"--{name}", value]
    before = server.cpu_seconds()
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=700)
    if done.returncode != 0:
        sys.exit(f"{server.kind} {workload}: {done.stderr}")
    answer = json.loads(done.stdout)
    if answer["errors"]:
        message = f"{server.kind} {workload}: {answer['errors']} errors: {done.stderr[:300]}"
        # s3rver loses a key now and then when many are written at once.
        if server.kind != "s3rver" or answer["errors"] * 100 > answer["requests"]:
            sys.exit(message)
        print(message, file=sys.stderr)
    answer["cpu_us"] = (server.cpu_seconds() - before) / max(answer["requests"], 1) * 1e6
    return answer


def table(title, head, rows):
    print(f"\n### {title}\n")
    print("| " + " | ".join(head) + " |")
    print("|" + " --- |" * len(head))
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |")
    sys.stdout.flush()


class MemoryWatch(threading.Thread):
    def __init__(self, server):
        super().__init__(daemon=True)
        self.server, self.most, self.running = server, server.rss_megabytes(), True
        self.before = self.most

    def run(self):
        while self.running:
            self.most = max(self.most, self.server.rss_megabytes())
            time.sleep(0.01)

    def growth(self):
        self.running = False
        self.join()
        return self.most - self.before
