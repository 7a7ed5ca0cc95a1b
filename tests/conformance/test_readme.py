"""The tour of the README, pasted into a shell."""
import json
import os
import pathlib
import re
import subprocess

from support.habits import free_port
from support.server import PROGRAM, ROOT


def test_the_tour_can_be_pasted(tmp_path):
    text = (ROOT / 'README.md').read_text()
    tour = re.search(r'## Tour.*?```sh\n(.*?)```', text, re.DOTALL)[1]
    first, rest = tour.split('\n', 1)
    assert first.startswith('script/build '), 'the program is there already: the test leaves this line out'
    assert 'PATH=$PWD/build/release:' in rest and 'http://127.0.0.1:8000' in rest
    port = free_port()
    script = (rest.replace('/tmp/', f'{tmp_path}/').replace('http://127.0.0.1:8000', f'http://127.0.0.1:{port}')
              .replace('$PWD/build/release', str(pathlib.Path(PROGRAM).parent)))
    done = subprocess.run(['bash', '-euo', 'pipefail', '-c', f"trap 'kill $!; wait' EXIT\n{script}"], cwd=tmp_path, capture_output=True,
                          text=True, timeout=120,
                          env={**os.environ, 'HOME': str(tmp_path), 'PATH': '/usr/bin:' + os.environ['PATH'],
                               'TIDEMARK_PORT': str(port), 'TIDEMARK_S3_PORT': '0'})
    assert done.returncode == 0, done.stderr
    ready = json.loads(done.stdout[:done.stdout.index('\n')])
    assert ready['event'] == 'ready' and ready['port'] == port
    scan = json.loads(done.stdout[done.stdout.rindex('\n{\n'):])
    assert scan['Count'] == 2
    assert {item['customer']['S'] for item in scan['Items']} == {'ada', 'bob'}
    assert '{"Item":{"customer":{"S":"ada"},"id":{"N":"1"},"total":{"N":"12.5"}}}' in done.stdout


def test_the_list_of_operations_is_that_of_the_program(tmp_path):
    done = subprocess.run([ROOT / 'script/lib/list_operations', '--check', PROGRAM], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    stale = tmp_path / 'README.md'
    stale.write_text((ROOT / 'README.md').read_text().replace('GetItem, PutItem, ', 'GetItem, ', 1))
    done = subprocess.run([ROOT / 'script/lib/list_operations', '--check', PROGRAM, stale], capture_output=True, text=True)
    assert done.returncode == 1 and 'does not have the operations' in done.stderr
    subprocess.run([ROOT / 'script/lib/list_operations', PROGRAM, stale], check=True)
    assert stale.read_text() == (ROOT / 'README.md').read_text()
