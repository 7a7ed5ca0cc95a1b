"""docs/configuration.md has the settings that the program has."""
import re
import subprocess

from support.server import PROGRAM, ROOT


def test_the_reference_is_current():
    page = (ROOT / 'docs/configuration.md').read_text()
    written = re.search(r'<!-- settings -->\n(.*)<!-- end of settings -->', page, re.DOTALL)[1]
    table = subprocess.run([PROGRAM, 'serve', '--help-markdown'], capture_output=True, text=True, check=True).stdout
    assert written == table, f'run script/lib/write_configuration_reference {PROGRAM}'


def test_every_flag_of_the_help_is_in_the_reference():
    text = subprocess.run([PROGRAM, 'serve', '--help'], capture_output=True, text=True, check=True).stdout
    flags = set(re.findall(r'^ +(?:-h,)?(--[a-z0-9-]+)', text, re.MULTILINE)) - {'--help', '--help-markdown'}
    page = (ROOT / 'docs/configuration.md').read_text()
    assert len(flags) > 30
    assert [flag for flag in sorted(flags) if f'| `{flag}' not in page] == []
