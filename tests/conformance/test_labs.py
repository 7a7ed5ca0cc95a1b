"""The pages of docs/labs, run as they are with fewer rows: what each of them promises to show, it shows."""
import os
import re
import subprocess

import pytest

from support.server import PROGRAM, ROOT

LABS = ['accident', 'lake', 'migration']


def run(lab, rows):
    """What each command block prints: {its first line: the output}"""
    done = subprocess.run([ROOT / 'script/lab', lab, '--rows', str(rows)], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=900, env={**os.environ, 'TIDEMARK_PROGRAM': str(PROGRAM)})
    assert done.returncode == 0, done.stdout + done.stderr
    printed, rest = {}, done.stdout
    for block in blocks(lab):
        before, found, rest = rest.partition('\n' + block)
        assert found, f'not run: {block}'
        if printed:
            printed[list(printed)[-1]] = before
        printed[block.split('\n')[0]] = ''
    printed[list(printed)[-1]] = rest
    return printed


def page(lab):
    return (ROOT / f'docs/labs/{lab}.md').read_text()


def blocks(lab):
    return re.findall(r'^```sh\n(.*?)^```$', page(lab), re.DOTALL | re.MULTILINE)


def starting(printed, words):
    return next(output for command, output in printed.items() if command.startswith(words))


def test_the_accident():
    printed = run('accident', 4000)
    items = int(re.search(r'(\d+) items in', starting(printed, './unihan.py'))[1])
    assert items > 3000
    done = int(re.search(r'(\d+) readings cleaned up', starting(printed, 'tidemark clock advance PT20M'))[1])
    assert starting(printed, 'aws dynamodb get-item') == 'zhong\n'

    activity, deleted, first, last = starting(printed, 'curl -s "$AWS_ENDPOINT_URL/_tidemark/tables/Unihan/activity').split('\n')[:4]
    counts = [int(number) for number in re.search(r'"client":\[([\d,]+)\]', activity)[1].split(',')]
    assert sum(counts) == done and sum(1 for number in counts if number) <= 2, 'all of it in a minute or two'
    assert 0 < int(deleted) < done
    assert first <= last and first.startswith('"time":"2')

    then, before, after, *_ = starting(printed, 'tidemark as-of Unihan --time "$before" --key').split('\n')
    assert '"value":{"S":"zhōng"}' in then and then in before
    assert '"value":{"S":"zhong"}' in after and ' client ' in after

    assert re.search(r'restore +UnihanBefore +COMPLETED', starting(printed, 'aws dynamodb restore-table'))
    assert starting(printed, 'tidemark as-of Unihan --time "$before" >') == f'{items}\n'
    assert re.search(r'rewind +Unihan +COMPLETED', starting(printed, 'tidemark rewind'))
    assert starting(printed, 'tidemark rewind').endswith('\n0\nzhōng\n')


def test_the_lake():
    printed = run('lake', 4000)
    days = [starting(printed, 'increment()'), starting(printed, './a_day.py Readings 2'), starting(printed, './a_day.py Readings 3')]
    added, reviewed, deleted = [int(re.match(r'(\d+) ', day)[1]) for day in days]
    items = int(re.search(r'(\d+) items in', starting(printed, './unihan.py'))[1])
    assert min(added, reviewed, deleted) > 0
    assert 'FAILED\tS3AccessDenied\tNone' in days[1], 'an export that failed has no manifest'
    assert [line.split()[3] for line in days[2].split('\n') if ' export ' in line] == ['COMPLETED', 'COMPLETED', 'FAILED'] + ['COMPLETED'] * 2

    refused, first, missing, second = starting(printed, 'folder=').strip().split('\n')
    assert 'explicit deny' in refused
    assert (first, missing) == ('15 files loaded, 1 failed, 0 were there', 'One is missing.')
    assert second == '1 files loaded, 0 failed, 15 were there'
    assert starting(printed, 'node lake.mjs query').strip().split('\n') == [
        f'Readings\t{items - deleted}\t{reviewed}', f'Variants\t{added}\t0', 'kCantonese\tzung1', 'kMandarin\tzhōng']
    assert starting(printed, 'curl -sf').strip() == (
        f'{items - deleted + added} items in the table, 0 of them not in the lake; 0 in the lake alone')


def test_the_migration():
    printed = run('migration', 1000)
    # A quarter, a half and three quarters are the fractions among the first thousand.
    assert starting(printed, 'import=').strip().endswith('FAILED\tItemValidationError\t1000\t997\t3')
    refused = starting(printed, 'aws logs')
    assert [int(index) for index in re.findall(r'itemIndex\\":(\d+)', refused)] == [188, 189, 190]
    assert re.findall(r'numeric value: (\d/\d)', refused) == ['1/4', '1/2', '3/4']
    assert starting(printed, './repair.py') == (
        '3 items repaired\n00BC\t0.25\tVULGAR FRACTION ONE QUARTER\n00BD\t0.5\tVULGAR FRACTION ONE HALF\n')

    costs = starting(printed, 'aws dynamodb create-table')
    with open('/usr/share/unicode/UnicodeData.txt', encoding='utf-8') as source:
        rows = [line.rstrip('\n').split(';') for line in source][:1000]
    size = sum(len(';'.join(row).encode()) + 1 for row in rows)
    # No item of these is larger than a write unit: one for the table, one for by-category, one for by-number where there is a number.
    units = 2 * len(rows) + sum(1 for row in rows if row[8])
    assert f'ImportTable:    {size} bytes read, {size / 2 ** 30 * 0.15:.6f} USD' in costs
    assert f'BatchWriteItem: 1000 items, {units} write units, {units * 0.625e-6:.6f} USD' in costs
    assert starting(printed, 'curl -sf').strip() == '1000'


def test_the_index_has_every_lab_and_the_index_is_linked():
    assert sorted(re.findall(r'\((\w+)\.md\)', page('README'))) == LABS
    assert 'docs/labs/README.md' in (ROOT / 'README.md').read_text()


@pytest.mark.parametrize('lab', LABS)
def test_what_the_console_is_said_to_have_is_clicked_in_a_browser(lab):
    """Each name in bold is one that tests/console/labs.test.mjs uses."""
    steps = page(lab).split('## In the console')[1]
    names = re.findall(r'\*\*(.+?)\*\*', steps)
    assert len(names) > 3
    clicked = (ROOT / 'tests/console/labs.test.mjs').read_text()
    assert [name for name in names if not re.search(rf"'{name}'|/\^?{name}/", clicked)] == []
