"""The two images, run with buildah. Runs with `script/package --check`, after `script/package image`."""
import json
import os
import shutil
import subprocess
import urllib.request

import pytest

from support.server import until

BUILDAH = {**os.environ, 'STORAGE_DRIVER': 'vfs', 'BUILDAH_ISOLATION': 'chroot'}


def buildah(*arguments):
    return subprocess.run(['buildah', *arguments], check=True, capture_output=True, text=True, env=BUILDAH).stdout.strip()


def is_built(image):
    return shutil.which('buildah') and subprocess.run(['buildah', 'inspect', '--type', 'image', image], capture_output=True,
                                                      env=BUILDAH).returncode == 0


pytestmark = pytest.mark.skipif(not os.environ.get('TIDEMARK_PACKAGES') or not is_built('localhost/tidemark:compat'),
                                reason='script/package image makes the images, script/package --check tests them')


@pytest.fixture
def container(request):
    name = buildah('from', f'localhost/{request.param}')
    yield name
    buildah('rm', name)


def configuration(container):
    return json.loads(buildah('inspect', '--type', 'container', container))['Docker']['config']


@pytest.fixture
def run(container):
    """Runs a command in the container, as its user and with its variables; `buildah run` knows no entry point."""
    started = []

    def start(*command, **variables):
        options = [f'--env={name}={value}' for name, value in variables.items()]
        process = subprocess.Popen(['buildah', 'run', *options, container, '--', *command], stdout=subprocess.PIPE, text=True, env=BUILDAH)
        started.append(process)
        return process

    yield start
    for process in started:
        process.terminate()
        process.wait(timeout=60)


def is_well(port):
    try:
        with urllib.request.urlopen(f'http://127.0.0.1:{port}/_tidemark/health', timeout=5) as answer:
            return json.loads(answer.read())['status'] == 'ok'
    except OSError:
        return False


@pytest.mark.parametrize('container', ['tidemark:latest'], indirect=True)
def test_the_minimal_image(container, run):
    configured = configuration(container)
    assert configured['User'] == '10001:10001'
    assert configured['Healthcheck']['Test'] == ['CMD', '/usr/local/bin/tidemark', 'healthcheck']
    assert configured['Entrypoint'] == ['/usr/local/bin/tidemark'] and configured['Cmd'] == ['serve']
    server = run('/usr/local/bin/tidemark', 'serve', TIDEMARK_PORT='0', TIDEMARK_S3_PORT='0')
    ready = json.loads(server.stdout.readline())
    assert is_well(ready['port'])
    health = run('/usr/local/bin/tidemark', 'healthcheck', TIDEMARK_PORT=str(ready['port']), TIDEMARK_HOST='127.0.0.1')
    assert health.wait(timeout=60) == 0


@pytest.mark.parametrize('container', ['tidemark:compat'], indirect=True)
def test_init_scripts_of_the_compat_image(container, run, tmp_path):
    for stage, line in (('boot', 'echo boot >>/tmp/stages'), ('start', 'echo start >>/tmp/stages'),
                        ('ready', 'echo ready >>/tmp/stages; awslocal s3 mb s3://lake >>/tmp/stages')):
        script = tmp_path / f'{stage}.sh'
        script.write_text(line + '\n')
        buildah('copy', container, str(script), f'/etc/localstack/init/{stage}.d/{stage}.sh')
    run('docker-entrypoint.sh', 'serve', '--port', '18045', '--s3-port', '0', '--in-memory')
    until(lambda: is_well(18045), 'the server')
    until(lambda: 'make_bucket: lake' in run('cat', '/tmp/stages').communicate()[0], 'the script that makes a bucket')
    assert run('cat', '/tmp/stages').communicate()[0].split()[:3] == ['boot', 'start', 'ready']
    assert run('docker-entrypoint.sh', 'healthcheck').wait(timeout=60) == 0
    assert 'tidemark' in run('sh', '-c', 'java -version 2>&1').communicate()[0]
