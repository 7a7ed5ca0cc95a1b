"""The life of the process: start, ports, locks, signals, what stays behind."""
import contextlib
import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import time
import urllib.request

import boto3
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("TIDEMARK_PROGRAM", str(ROOT / "build/release/tidemark"))
PATIENCE_S = 60


class Tidemark:
    def __init__(self, *args, env=None):
        clean = {name: value for name, value in os.environ.items() if not name.startswith("TIDEMARK_")}
        self.process = subprocess.Popen(
            [PROGRAM, "serve", *self._defaults(args), *args],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**clean, **(env or {})})
        line = self.process.stdout.readline()
        if not line:
            self.status = self.process.wait(PATIENCE_S)
            self.error = self.process.stderr.read().decode()
            self.close()
            return
        self.ready = json.loads(line)
        self.endpoint = self.ready["endpoint"]

    @staticmethod
    def _defaults(args):
        """No flag may be given twice."""
        defaults = {"--port": "0", "--s3-port": "0", "--log-level": "error"}
        return [word for flag, value in defaults.items() if flag not in args for word in (flag, value)]

    def client(self, service):
        return boto3.client(service, endpoint_url=self.endpoint, region_name="us-east-1",
                            aws_access_key_id="test", aws_secret_access_key="test")

    def stop(self, with_signal=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(with_signal)
        self.status = self.process.wait(PATIENCE_S)
        return self.status

    def close(self):
        self.process.stdout.close()
        self.process.stderr.close()


@contextlib.contextmanager
def serving(*args, **kwargs):
    server = Tidemark(*args, **kwargs)
    assert server.process.poll() is None, server.error
    try:
        yield server
    finally:
        server.stop(signal.SIGKILL)
        server.close()


def create_table(client, name="things"):
    client.create_table(TableName=name, BillingMode="PAY_PER_REQUEST",
                        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])
    client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})


def test_the_ready_line_says_where_it_serves(tmp_path):
    with serving("--data-dir", str(tmp_path)) as server:
        assert set(server.ready) == {"event", "endpoint", "port", "s3_port", "pid", "version"}
        assert server.ready["event"] == "ready"
        assert server.ready["endpoint"] == f"http://127.0.0.1:{server.ready['port']}"
        assert server.ready["pid"] == server.process.pid
        for port in (server.ready["port"], server.ready["s3_port"]):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_tidemark/health") as answer:
                assert json.load(answer)["status"] == "ok"
        health = [PROGRAM, "healthcheck", "--port"]
        assert subprocess.run([*health, str(server.ready["port"])]).returncode == 0
        server.stop()
        dead = subprocess.run([*health, str(server.ready["port"])], capture_output=True, text=True)
        assert dead.returncode == 1 and "does not accept connections" in dead.stderr


def test_both_services_answer_on_the_main_port_and_s3_on_its_own(tmp_path):
    with serving("--data-dir", str(tmp_path)) as server:
        create_table(server.client("dynamodb"))
        server.client("s3").create_bucket(Bucket="bucket")
        own = boto3.client("s3", endpoint_url=f"http://127.0.0.1:{server.ready['s3_port']}", region_name="us-east-1",
                           aws_access_key_id="test", aws_secret_access_key="test")
        assert [bucket["Name"] for bucket in own.list_buckets()["Buckets"]] == ["bucket"]
        with urllib.request.urlopen(server.endpoint) as answer:
            assert answer.read() == b"healthy: dynamodb.us-east-1.amazonaws.com "


def test_the_s3_listener_can_be_left_out(tmp_path):
    with serving("--data-dir", str(tmp_path), "--s3-port", "off") as server:
        assert server.ready["s3_port"] is None


@pytest.mark.parametrize("with_signal", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order_and_the_data_stays(tmp_path, with_signal):
    with serving("--data-dir", str(tmp_path)) as server:
        client = server.client("dynamodb")
        create_table(client)
        client.put_item(TableName="things", Item={"id": {"S": "kept"}})
        assert server.stop(with_signal) == 0
    with serving("--data-dir", str(tmp_path)) as server:
        assert "Item" in server.client("dynamodb").get_item(TableName="things", Key={"id": {"S": "kept"}})


def test_what_was_acknowledged_survives_a_kill(tmp_path):
    with serving("--data-dir", str(tmp_path)) as server:
        client = server.client("dynamodb")
        create_table(client)
        for number in range(100):
            client.put_item(TableName="things", Item={"id": {"S": str(number)}})
        server.stop(signal.SIGKILL)
    with serving("--data-dir", str(tmp_path)) as server:
        assert server.client("dynamodb").scan(TableName="things")["Count"] == 100


def test_a_port_in_use_is_named(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        server = Tidemark("--data-dir", str(tmp_path), "--port", str(port))
    assert server.status == 1
    assert server.error == f"tidemark: port {port} on 127.0.0.1 is already in use\n"


def test_the_default_s3_port_may_be_taken(tmp_path):
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(socket.create_server(("127.0.0.1", 9000)))
        except OSError:
            pass  # taken by somebody else: as good
        process = stack.enter_context(subprocess.Popen(
            [PROGRAM, "serve", "--port", "0", "--data-dir", str(tmp_path)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
        try:
            ready = json.loads(process.stdout.readline())
            assert ready["s3_port"] is None
            with urllib.request.urlopen(f"http://127.0.0.1:{ready['port']}/_tidemark/health") as answer:
                assert answer.status == 200
        finally:
            process.kill()
        assert "port 9000 on 127.0.0.1 is already in use; going on without it" in process.stderr.read()


def test_a_start_that_fails_leaves_no_data_directory(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        server = Tidemark("--data-dir", str(tmp_path / "new" / "data"), "--port", str(taken.getsockname()[1]))
    assert server.status == 1
    assert not (tmp_path / "new").exists()
    with serving("--data-dir", str(tmp_path / "new" / "data")) as server:
        server.stop()
    assert (tmp_path / "new" / "data" / "FORMAT").exists()


def test_the_absolute_form_of_a_target_is_the_same_request(tmp_path):
    with serving("--data-dir", str(tmp_path)) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.ready["port"], timeout=PATIENCE_S)
        for path in ("/_tidemark/health", "http://localhost/_tidemark/health", "HTTP://127.0.0.1:8000/_tidemark/health"):
            connection.request("GET", path)
            answer = connection.getresponse()
            assert (answer.status, json.load(answer)["status"]) == (200, "ok"), path
        connection.close()


def test_a_data_directory_in_use_is_named(tmp_path):
    with serving("--data-dir", str(tmp_path)) as first:
        second = Tidemark("--data-dir", str(tmp_path))
        assert second.status == 1
        assert second.error == (f"tidemark: the data directory {tmp_path} is in use by process "
                                f"{first.process.pid}\n")


def test_the_data_of_an_earlier_version_is_refused(tmp_path):
    (tmp_path / "dynamodb" / "wal").mkdir(parents=True)
    segment = tmp_path / "dynamodb" / "wal" / f"{1:020}.log"
    segment.write_bytes(b"TIDEWAL1" + (1).to_bytes(8, "little"))
    server = Tidemark("--data-dir", str(tmp_path))
    assert server.status == 1
    assert server.error == (f"tidemark: the data directory {tmp_path} was written by an earlier version of Tidemark, "
                            "whose data this one does not read: docs/upgrades.md\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dynamodb", "tidemark.lock"]
    assert segment.stat().st_size == 16


@pytest.mark.parametrize("args, error", [
    (["serve", "--data-dir", "a", "--data-dir", "b"], "tidemark: --data-dir is given more than once\n"),
    (["serve", "--port", "abc"], "tidemark: --port: 'abc' is not a port (0 to 65535)\n"),
    (["serve", "--no-such-flag"], None),
    ([], None),
])
def test_wrong_usage_is_said_in_one_line(args, error):
    done = subprocess.run([PROGRAM, *args], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr == error if error else done.stderr.count("\n") == 1
    assert done.stdout == ""


def temporary_directories():
    bases = ("/dev/shm", os.environ.get("TMPDIR", "/tmp"), "/tmp")
    return {path for base in bases for path in pathlib.Path(base).glob("tidemark-mem-*")}


def test_in_memory_leaves_nothing_behind():
    with serving("--in-memory") as server:
        create_table(server.client("dynamodb"))
        own = [path for path in temporary_directories() if f"-mem-{server.process.pid}-" in path.name]
        assert len(own) == 1
        assert server.stop() == 0
        assert not own[0].exists()


def test_what_a_killed_in_memory_server_left_is_swept_by_the_next():
    with serving("--in-memory") as killed:
        left = [path for path in temporary_directories() if f"-mem-{killed.process.pid}-" in path.name]
        killed.stop(signal.SIGKILL)
        assert len(left) == 1 and left[0].exists()
    with serving("--in-memory"):
        assert not left[0].exists()


def test_settings_come_from_the_environment_too(tmp_path):
    with serving(env={"TIDEMARK_DATA_DIR": str(tmp_path / "data"), "TIDEMARK_REGION": "eu-west-1"}) as server:
        assert (tmp_path / "data").is_dir()
        with urllib.request.urlopen(server.endpoint) as answer:
            assert answer.read() == b"healthy: dynamodb.eu-west-1.amazonaws.com "


def test_a_stop_lets_an_upload_in_progress_finish(tmp_path):
    with serving("--data-dir", str(tmp_path)) as server:
        server.client("s3").create_bucket(Bucket="bucket")
        with socket.create_connection(("127.0.0.1", server.ready["port"]), timeout=PATIENCE_S) as upload:
            upload.sendall(b"PUT /bucket/key HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n"
                           b"Expect: 100-continue\r\n\r\n")
            assert upload.recv(100).startswith(b"HTTP/1.1 100 ")
            server.process.send_signal(signal.SIGTERM)
            deadline = time.monotonic() + PATIENCE_S
            while accepts_connections(server.ready["port"]):
                assert time.monotonic() < deadline
            upload.sendall(b"0123456789")
            assert upload.recv(100).startswith(b"HTTP/1.1 200 ")
        assert server.process.wait(timeout=PATIENCE_S) == 0


def accepts_connections(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S).close()
        return True
    except ConnectionError:
        return False


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


KUBERNETES = {  # for services called tidemark and tidemark-s3
    "TIDEMARK_SERVICE_HOST": "10.96.0.7", "TIDEMARK_SERVICE_PORT": "8000", "TIDEMARK_SERVICE_PORT_HTTP": "8000", "TIDEMARK_PORT": "tcp://10.96.0.7:8000",
    "TIDEMARK_PORT_8000_TCP": "tcp://10.96.0.7:8000", "TIDEMARK_PORT_8000_TCP_PROTO": "tcp", "TIDEMARK_PORT_8000_TCP_PORT": "8000",
    "TIDEMARK_PORT_8000_TCP_ADDR": "10.96.0.7", "TIDEMARK_S3_SERVICE_HOST": "10.96.0.8", "TIDEMARK_S3_PORT": "tcp://10.96.0.8:9000",
}


def test_a_service_of_the_same_name_is_no_setting(tmp_path):
    with serving("--data-dir", str(tmp_path), "--log-level", "warn", env=KUBERNETES) as server:
        server.stop()
        assert server.process.stderr.read() == b""


def test_misspelt_variables_are_reported(tmp_path):
    variables = {"TIDEMARK_PROT": "8001", "TIDEMARK_WHATEVER": "1", "TIDEMARK_REGION": "eu-west-1"}
    with serving("--data-dir", str(tmp_path), "--log-level", "warn", env=variables) as server:
        server.stop()
        text = server.process.stderr.read().decode()
    lines = [line for line in text.splitlines() if "no setting" in line]
    assert len(lines) == 2 and "name=TIDEMARK_PROT meant=TIDEMARK_PORT" in lines[0] and "name=TIDEMARK_WHATEVER" in lines[1], text


def test_healthcheck_beside_a_service_of_the_same_name(tmp_path):
    with serving("--data-dir", str(tmp_path)) as server:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("TIDEMARK_")}
        done = subprocess.run([PROGRAM, "healthcheck", "--port", str(server.ready["port"])], env={**clean, **KUBERNETES}, capture_output=True)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("closed", ["0", "1", "2", "0 1 2"])
def test_without_standard_streams_nothing_is_printed_into_the_data(tmp_path, closed):
    port = free_port()
    shut = " ".join(f"{number}{'<' if number == '0' else '>'}&-" for number in closed.split())
    process = subprocess.Popen(["sh", "-c", f'exec "$0" serve --port {port} --s3-port off --data-dir "$1" {shut}', PROGRAM, str(tmp_path)],
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + PATIENCE_S
        while True:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/_tidemark/health").read()
                break
            assert process.poll() is None and time.monotonic() < deadline
        for number in closed.split():
            assert os.readlink(f"/proc/{process.pid}/fd/{number}") == "/dev/null"
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0
