"""The complete examples of docs/snippets.md, run as they stand."""
import os
import re
import shutil
import subprocess
import sys

import pytest

from support.server import ROOT


@pytest.mark.parametrize('language', ['js', 'python'])
def test_an_example_runs_as_it_stands(language, own_server, tmp_path):
    page = (ROOT / 'docs/snippets.md').read_text()
    code = re.search(rf'```{language}\n(.*?)```', page, re.DOTALL)[1]
    setup = dict(re.findall(r'(AWS_\w+)=(\S+)', page))
    assert setup['AWS_ENDPOINT_URL'] == 'http://127.0.0.1:8000'
    setup['AWS_ENDPOINT_URL'] = own_server.endpoint
    environment = {'PATH': os.environ['PATH'], 'HOME': str(tmp_path), **setup}
    if language == 'js':
        subprocess.run([ROOT / 'script/lib/install_node_modules', 'tests'], cwd=ROOT, check=True, capture_output=True)
        (tmp_path / 'node_modules').symlink_to(ROOT / 'tests/node_modules')
        script = tmp_path / 'example.mjs'
        command = [shutil.which('node'), script]
    else:
        # Debian's boto3 does not know AWS_ENDPOINT_URL: the line for older ones, as the page says.
        named = re.search(r"# or: (boto3\.resource\(.*\))", code)[1].replace('http://127.0.0.1:8000', own_server.endpoint)
        code = code.replace("boto3.resource('dynamodb')", named, 1)
        script = tmp_path / 'example.py'
        command = [sys.executable, script]
    script.write_text(code)
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    wanted = re.search(r'(?://|#) (10 16)\n', code)[1]
    assert done.stdout.strip() == wanted
