"""Recipes of docs/ci.md that can be run here, taken from the page."""
import os
import re
import subprocess

from support.server import PROGRAM, ROOT


def test_the_pytest_fixture(tmp_path):
    recipe = re.search(r'```python\n(# conftest\.py\n.*?)```', (ROOT / 'docs/ci.md').read_text(), re.DOTALL)[1]
    (tmp_path / 'conftest.py').write_text(recipe)
    (tmp_path / 'test_orders.py').write_text('''
def test_a_table(dynamodb):
    dynamodb.create_table(TableName='Orders', BillingMode='PAY_PER_REQUEST', KeySchema=[{'AttributeName': 'id', 'KeyType': 'HASH'}],
                          AttributeDefinitions=[{'AttributeName': 'id', 'AttributeType': 'S'}])
    assert dynamodb.list_tables()['TableNames'] == ['Orders']
''')
    done = subprocess.run(['/usr/bin/python3', '-m', 'pytest', '-q', '-p', 'no:cacheprovider', '.'], cwd=tmp_path, capture_output=True,
                          text=True, env={'PATH': os.environ['PATH'], 'HOME': str(tmp_path), 'TIDEMARK_PROGRAM': PROGRAM})
    assert '1 passed' in done.stdout, done.stdout + done.stderr
