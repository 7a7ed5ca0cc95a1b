"""The Debian package: made, judged by lintian, installed into a fresh system without compilers, run, and removed."""
import json
import os
import pathlib
import shutil
import subprocess

import pytest

from support.server import PROGRAM, ROOT

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason='only root may make a system to install into')


@pytest.fixture(scope='module')
def package(tmp_path_factory):
    """The package around the program under test; made anew, unless script/package has made one."""
    made = os.environ.get('TIDEMARK_PACKAGES')
    if made:
        return next(pathlib.Path(made).glob('tidemark_*.deb'))
    folder = tmp_path_factory.mktemp('deb')
    path = subprocess.run([ROOT / 'packaging/deb/build', PROGRAM, folder], check=True, capture_output=True, text=True).stdout
    return pathlib.Path(path.strip())


def field(package, name):
    return subprocess.run(['dpkg-deb', '--field', package, name], check=True, capture_output=True, text=True).stdout.strip()


def test_lintian_finds_no_error(package):
    found = subprocess.run(['lintian', '--allow-root', '--fail-on', 'error', package], capture_output=True, text=True)
    assert found.returncode == 0, found.stdout + found.stderr


def test_what_is_in_it(package, tmp_path):
    subprocess.run(['dpkg-deb', '--raw-extract', package, tmp_path], check=True)
    assert 'No licence has been chosen' in (tmp_path / 'usr/share/doc/tidemark/copyright').read_text()
    unit = (tmp_path / 'lib/systemd/system/tidemark.service').read_text()
    assert 'User=tidemark\n' in unit and 'StateDirectory=tidemark\n' in unit
    # The manual pages are readable and know the commands and the flags.
    page = tmp_path / 'usr/share/man/man1/tidemark-serve.1.gz'
    shown = subprocess.run(['man', '--warnings', '--encoding=UTF-8', '--local-file', page], check=True, capture_output=True, text=True,
                           env={**os.environ, 'MANWIDTH': '100', 'LC_ALL': 'C.UTF-8'})
    assert shown.stderr == ''
    assert '--data-dir' in shown.stdout and 'TIDEMARK_DATA_DIR' in shown.stdout
    commands = {path.name for path in page.parent.iterdir()}
    assert {'tidemark.1.gz', 'tidemark-clock.1.gz', 'tidemark-healthcheck.1.gz'} <= commands


@pytest.mark.parametrize('line, offered', [
    ('tidemark hea', ['healthcheck']),
    ('tidemark clock fr', ['freeze']),
    ('tidemark serve --in-m', ['--in-memory']),
    ('tidemark serve --s3-p', ['--s3-port']),
], ids=['command', 'word', 'switch', 'flag'])
def test_completion(package, tmp_path, line, offered):
    subprocess.run(['dpkg-deb', '--extract', package, tmp_path], check=True)
    script = '''source "$1"; read -ra COMP_WORDS <<<"$2"; COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _tidemark; printf '%s\\n' "${COMPREPLY[@]}"'''
    answer = subprocess.run(['bash', '-c', script, 'bash', tmp_path / 'usr/share/bash-completion/completions/tidemark', line],
                            check=True, capture_output=True, text=True,
                            env={'PATH': f'{tmp_path}/usr/bin:{os.environ["PATH"]}'})
    assert answer.stdout.split() == offered


def inside(root, *command, check=True):
    done = subprocess.run(['/usr/sbin/chroot', root, *command], capture_output=True, text=True,
                          env={'PATH': '/usr/sbin:/usr/bin:/sbin:/bin', 'DEBIAN_FRONTEND': 'noninteractive', 'LC_ALL': 'C.UTF-8'})
    if check:
        assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture(scope='module')
def system(tmp_path_factory):
    """Debian with nothing but apt, as a folder."""
    root = tmp_path_factory.mktemp('system') / 'root'
    mirror = subprocess.run(['apt-get', 'indextargets', '--format', '$(REPO_URI)', 'Created-By: Packages', 'Codename: bookworm'],
                            check=True, capture_output=True, text=True).stdout.split()[0]
    subprocess.run(['mmdebstrap', '--quiet', '--variant=apt', '--mode=root', 'bookworm', root, f'deb {mirror} bookworm main'],
                   check=True)
    shutil.copy('/etc/resolv.conf', root / 'etc/resolv.conf')
    inside(root, 'apt-get', 'update', '-qq')
    yield root
    shutil.rmtree(root)


def test_installed_run_and_removed(package, system, tmp_path):
    assert inside(system, 'sh', '-c', 'command -v cc || command -v gcc || command -v g++', check=False).returncode != 0
    shutil.copy(package, system / 'tidemark.deb')
    inside(system, 'apt-get', 'install', '-y', '--no-install-recommends', '/tidemark.deb')
    assert 'tidemark:' in (system / 'etc/passwd').read_text()
    # Neither enabled nor started.
    assert not list(system.glob('etc/systemd/system/*.wants/tidemark.service'))
    assert not (system / 'var/lib/tidemark').exists()
    inside(system, 'tidemark', '--version')

    # What systemd would do: the folder, the user, the variables.
    inside(system, 'install', '-d', '-o', 'tidemark', '-g', 'tidemark', '-m', '0750', '/var/lib/tidemark')
    server = subprocess.Popen(
        ['/usr/sbin/chroot', '--userspec=tidemark:tidemark', system, '/usr/bin/tidemark', 'serve', '--port', '0', '--s3-port', '0'],
        env={'TIDEMARK_DATA_DIR': '/var/lib/tidemark'}, stdout=subprocess.PIPE, text=True)
    try:
        ready = json.loads(server.stdout.readline())
        inside(system, 'tidemark', 'healthcheck', '--port', str(ready['port']))
        tour(ready, tmp_path)
    finally:
        server.terminate()
        assert server.wait(timeout=60) == 0
    assert (system / 'var/lib/tidemark/FORMAT').exists()

    inside(system, 'apt-get', 'purge', '-y', 'tidemark')
    left = [path for path in ('usr/bin/tidemark', 'lib/systemd/system/tidemark.service', 'etc/default/tidemark',
                              'usr/share/doc/tidemark') if (system / path).exists()]
    assert left == []
    # The data is its owner's, not the package's.
    assert (system / 'var/lib/tidemark/FORMAT').exists()


def tour(ready, home):
    """With the AWS CLI of this machine, over the network: the system inside has none."""
    environment = {'PATH': os.environ['PATH'], 'HOME': str(home), 'AWS_ACCESS_KEY_ID': 'test', 'AWS_SECRET_ACCESS_KEY': 'test',
                   'AWS_DEFAULT_REGION': 'us-east-1', 'AWS_PAGER': '', 'AWS_EC2_METADATA_DISABLED': 'true'}

    def aws(*arguments):
        done = subprocess.run(['aws', '--endpoint-url', ready['endpoint'], *arguments], env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    aws('dynamodb', 'create-table', '--table-name', 'Orders', '--billing-mode', 'PAY_PER_REQUEST',
        '--attribute-definitions', 'AttributeName=id,AttributeType=S', '--key-schema', 'AttributeName=id,KeyType=HASH')
    aws('dynamodb', 'put-item', '--table-name', 'Orders', '--item', '{"id":{"S":"a"},"total":{"N":"12.50"}}')
    item = json.loads(aws('dynamodb', 'get-item', '--table-name', 'Orders', '--key', '{"id":{"S":"a"}}'))['Item']
    assert item == {'id': {'S': 'a'}, 'total': {'N': '12.5'}}
    aws('s3', 'mb', 's3://lake')
    (home / 'note').write_text('a note')
    aws('s3', 'cp', str(home / 'note'), 's3://lake/note')
    assert aws('s3', 'cp', 's3://lake/note', '-') == 'a note'
