"""Runs commands of the AWS CLI, each in a child that has the CLI's code already loaded: loading takes a second, a
command a tenth of that.

Reads requests from standard input, one line each: {"words": […], "output": <path>, "errors": <path>}; answers each
with a line that holds the exit code.
"""
import json
import os
import sys

import awscli.clidriver


def run(words, output, errors):
    for number, path in ((1, output), (2, errors)):
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(file, number)
    sys.stdout = open(1, 'w', encoding='utf-8', closefd=False)
    sys.stderr = open(2, 'w', encoding='utf-8', closefd=False)
    code = awscli.clidriver.create_clidriver().main(words)
    sys.stdout.flush()
    sys.stderr.flush()
    return code


def main():
    awscli.clidriver.create_clidriver()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            code = 255
            try:
                code = run(**json.loads(line))
            finally:
                os._exit(code)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == '__main__':
    main()
