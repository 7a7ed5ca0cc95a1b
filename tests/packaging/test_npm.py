"""The npm packages as somebody's project gets them: packed, installed from the tarballs, used by jest, vitest, TypeScript and by what was
written for other packages."""
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess

import pytest

from support.server import PROGRAM, ROOT, until

HERE = pathlib.Path(__file__).parent
SECONDS = 120


@pytest.fixture(scope='module')
def tarballs(tmp_path_factory):
    """The packages around the program under test, by name; made anew, unless script/package has made them."""
    packages = os.environ.get('TIDEMARK_PACKAGES')
    folder = pathlib.Path(packages, 'npm') if packages else tmp_path_factory.mktemp('npm')
    if not packages:
        program = folder / 'tidemark'
        subprocess.run(['strip', '-o', program, PROGRAM], check=True)
        subprocess.run([ROOT / 'packaging/npm/build', program, folder], check=True, stdout=subprocess.DEVNULL)
        program.unlink()
    version = subprocess.run([ROOT / 'packaging/version'], check=True, capture_output=True, text=True).stdout.strip()
    return {name: folder / f'{file}-{version}.tgz' for name, file in (
        ('tidemark', 'tidemark'), ('@tidemark/linux-x64', 'tidemark-linux-x64'),
        ('@tidemark/dynamodb-local', 'tidemark-dynamodb-local'))}


@pytest.fixture(scope='module')
def project(tarballs, tmp_path_factory):
    """A project with the packages installed, and with those that take ours in place of another."""
    folder = tmp_path_factory.mktemp('scratch') / 'project'
    shutil.copytree(HERE / 'scratch', folder)
    package = json.loads((folder / 'package.json').read_text())
    package['dependencies'] |= {'tidemark': f'file:{tarballs["tidemark"]}',
                                '@tidemark/linux-x64': f'file:{tarballs["@tidemark/linux-x64"]}',
                                'dynamodb-local': f'file:{tarballs["@tidemark/dynamodb-local"]}',
                                'aws-dynamodb-local': f'file:{tarballs["@tidemark/dynamodb-local"]}'}
    package['overrides'] = {'dynamodb-local': '$dynamodb-local', 'aws-dynamodb-local': '$aws-dynamodb-local'}
    (folder / 'package.json').write_text(json.dumps(package))
    # No package may need a script to be installed.
    subprocess.run(['npm', 'install', '--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline'], cwd=folder,
                   check=True, stdout=subprocess.DEVNULL)
    return folder


def run(project, *command, cwd='.', status=0, **variables):
    # The machine's own settings do not reach the project, TIDEMARK_PROGRAM above all.
    environment = {'PATH': os.environ['PATH'], 'HOME': str(project), 'CI': '1', 'LANG': 'C.UTF-8', **variables}
    done = subprocess.run([str(part) for part in command], cwd=project / cwd, env=environment, capture_output=True, text=True,
                          timeout=SECONDS)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


def runs(pid):
    try:
        state = pathlib.Path(f'/proc/{pid}/stat').read_text().rsplit(')', 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != 'Z'  # nobody here waits for orphans


@pytest.fixture
def free_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


def test_the_packages_hold_what_they_should_and_no_install_scripts(tarballs):
    for name, tarball in tarballs.items():
        def read(path):
            return subprocess.run(['tar', 'xOf', tarball, f'package/{path}'], check=True, capture_output=True).stdout
        package = json.loads(read('package.json'))
        assert package['name'] == name
        assert 'scripts' not in package
        assert package['license'] == 'SEE LICENSE IN README.md'
        assert b'No licence has been chosen' in read('README.md')
    listing = subprocess.run(['tar', 'tvf', tarballs['@tidemark/linux-x64']], check=True, capture_output=True, text=True).stdout
    program = next(line for line in listing.splitlines() if line.endswith('package/bin/tidemark'))
    assert program.startswith('-rwxr-xr-x')


def test_npx(project):
    version = subprocess.run([ROOT / 'packaging/version'], capture_output=True, text=True).stdout.strip()
    assert run(project, 'npx', '--no-install', 'tidemark', '--version').strip().endswith(version)
    assert 'serve' in run(project, 'npx', '--no-install', 'tidemark', '--help')
    # The exit status is the program's.
    run(project, 'npx', '--no-install', 'tidemark', 'serve', '--no-such-flag', status=2)


def test_a_signal_to_the_shim_ends_the_server(project, free_port):
    shim = subprocess.Popen(['node', project / 'node_modules/.bin/tidemark', 'serve', '--in-memory', '--port', str(free_port),
                             '--s3-port', '0'], stdout=subprocess.PIPE, text=True, env={'PATH': os.environ['PATH']})
    ready = json.loads(shim.stdout.readline())
    assert ready['port'] == free_port
    shim.send_signal(signal.SIGTERM)
    assert shim.wait(SECONDS) == 0
    assert not runs(ready['pid'])


def test_start(project):
    assert 'started and stopped' in run(project, 'node', 'start.mjs')


def test_reset(project):
    assert 'started and stopped' in run(project, 'node', 'start.mjs', '--reset')


def test_a_server_that_nobody_stops_ends_with_its_process(project):
    pid = int(run(project, 'node', 'forgotten.mjs'))
    # It has its signal, and ends by itself.
    until(lambda: not runs(pid), 'the end of the server')


def test_without_a_program_the_error_says_what_to_do(project, tmp_path):
    shutil.copytree(project / 'node_modules/tidemark', tmp_path / 'node_modules/tidemark')
    message = run(project, 'node', tmp_path / 'node_modules/tidemark/bin/tidemark.js', '--version', status=1)
    assert '@tidemark/linux-x64' in message and 'TIDEMARK_PROGRAM' in message
    message = run(project, 'node', '-e', '''Object.defineProperty(process, "platform", { value: "darwin" });
        require("tidemark").start().catch((error) => console.log(error.message))''')
    assert 'no program for darwin' in message and 'Docker' in message


def test_jest(project):
    output = run(project, 'npx', '--no-install', 'jest', '--config', 'jest.config.json', cwd='jest')
    assert 'Tests:       4 passed, 4 total' in output


def test_vitest(project):
    output = run(project, 'npx', '--no-install', 'vitest', 'run', cwd='vitest')
    assert '4 passed' in output


def test_types(project):
    run(project, 'npx', '--no-install', 'tsc', '--noEmit', '--strict', '--module', 'nodenext', '--moduleResolution', 'nodenext',
        '--target', 'es2022', '--types', 'node', 'types/use.ts')


def test_dynamodb_local(project, free_port):
    assert 'launched and stopped' in run(project, 'node', 'launch.cjs', free_port)


def test_shelf_jest_dynamodb(project, free_port):
    output = run(project, 'npx', '--no-install', 'jest', '--config', 'jest.config.json', cwd='shelf', SCRATCH_PORT=str(free_port))
    assert 'Tests:       1 passed, 1 total' in output


def test_serverless_dynamodb(project, free_port):
    assert 'started by serverless-dynamodb' in run(project, 'node', 'start.cjs', free_port, cwd='serverless')
