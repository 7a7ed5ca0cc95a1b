"""Files that an import should not have to read: small ones that unpack to gigabytes, nesting, counts and sizes that are lies."""
import subprocess
import threading
import zlib

import pytest

from support.good_client import GoodClient
from support.server import table_request
from support.transfers import run_import

MIB = 1 << 20
ION = b'$ion_1_0 '
ION_BINARY = b'\xe0\x01\x00\xea'
REFUSED = 'ItemValidationError'


@pytest.fixture(scope='module')
def good(own):
    return GoodClient(own).prepare(own.client('dynamodb'), own.client('s3', endpoint=own.s3_endpoint))


def zstd(begin, piece, bytes_out, *options):
    """What `zstd` makes of `begin` and so many bytes of `piece` over and over; as fast as it can."""
    process = subprocess.Popen(['zstd', '-q', '-1', *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    block = piece * (4 * MIB // len(piece))

    def feed():
        process.stdin.write(begin)
        for _ in range(bytes_out // len(block)):
            process.stdin.write(block)
        process.stdin.close()
    writer = threading.Thread(target=feed)
    writer.start()
    packed = process.stdout.read()
    writer.join()
    assert process.wait() == 0
    return packed


def gzipped_zeros(bytes_out):
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    block = bytes(4 * MIB)
    return b''.join(packer.compress(block) for _ in range(bytes_out // len(block))) + packer.flush()


def varuint(number):
    digits = [number & 0x7f | 0x80]
    while number := number >> 7:
        digits.insert(0, number & 0x7f)
    return bytes(digits)


def ion_value(kind, body):
    return bytes([kind << 4 | 14]) + varuint(len(body)) + body


def ion_nested(depth, kind, prefix=b''):
    value = b'\x20'
    for _ in range(depth):
        value = ion_value(kind, prefix + value)
    return ION_BINARY + value


# Name: format, compression, bytes, items; no items: refused.
FILES = {
    'a line of a gigabyte in gzip': ('DYNAMODB_JSON', 'GZIP', lambda: gzipped_zeros(1024 * MIB), None),
    'a line of a gigabyte in zstd': ('DYNAMODB_JSON', 'ZSTD', lambda: zstd(b'', b'\0', 1024 * MIB), None),
    'a window of two gigabytes': ('DYNAMODB_JSON', 'ZSTD', lambda: zstd(b'', b'\0', 64 * MIB, '--long=31', '--ultra'), None),
    'a gigabyte of empty lines': ('DYNAMODB_JSON', 'ZSTD', lambda: zstd(b'', b'\n', 1024 * MIB), 0),
    'an unclosed field of CSV': ('CSV', 'ZSTD', lambda: zstd(b'pk,a\nx,"', b'\n', 1024 * MIB), None),
    'ten million columns': ('CSV', None, lambda: b'pk' + b',a' * 10_000_000 + b'\nx\n', None),
    'rows of eight thousand columns': ('CSV', None, lambda: (
        b'pk,' + b','.join(b'c%d' % i for i in range(8_000)) + b'\n' + (b'x' + b',' * 8_000 + b'\n') * 500), 500),
    'nested JSON': ('DYNAMODB_JSON', None, lambda: b'{"Item":{"pk":{"S":"a"},"l":' + b'{"L":[' * 2_000_000 + b'\n', None),
    'a text of a gigabyte': ('ION', 'ZSTD', lambda: zstd(ION + b'{Item:{pk:"', b'x', 1024 * MIB), None),
    'a comment of a gigabyte': ('ION', 'ZSTD', lambda: zstd(ION + b'/*', b'x', 1024 * MIB), None),
    'nested Ion': ('ION', 'ZSTD', lambda: zstd(ION + b'{Item:{pk:', b'[', 1024 * MIB), None),
    'annotations of a gigabyte': ('ION', 'ZSTD', lambda: zstd(ION + b'{Item:{pk:', b'a::', 1024 * MIB), None),
    'a hundred million symbols': ('ION', 'ZSTD', lambda: zstd(
        ION + b'$ion_symbol_table::{symbols:[', b'"aaaaaaa",', 1024 * MIB), None),
    'symbols that nobody has': ('ION', None, lambda: (
        ION + b'$ion_symbol_table::{imports:[{name:"x",version:1,max_id:2147483647},'
              b'{name:"y",version:1,max_id:9223372036854775807}]} $2147483000 {Item:{pk:"a"}}\n'), None),
    'a symbol table for each item': ('ION', None, lambda: ION + b''.join(
        b'$ion_symbol_table::{imports:$ion_symbol_table,symbols:["s%d"]}\n' % i for i in range(50_000))
        + b'{Item:{pk:"a"}}\n', 1),
    'numbers without end': ('ION', None, lambda: (
        ION + b'{Item:{pk:"a",n:1d999999999}} {Item:{pk:"b",n:1d-9999999999999999999999}} {Item:{pk:"c",n:'
        + b'9' * 1_000_000 + b'}} {Item:{pk:"d",n:0x' + b'f' * 400_000 + b'}}\n'), None),
    'nested lists of binary Ion': ('ION', None, lambda: ion_nested(50_000, 0xb), None),
    'nested annotations of binary Ion': ('ION', None, lambda: ion_nested(50_000, 0xe, b'\x81\x84'), None),
    'a length that is a lie': ('ION', None, lambda: ION_BINARY + b'\xde' + b'\x7f' * 8 + b'\xff' + b'abc', None),
    'an integer of eight megabytes': ('ION', None, lambda: ION_BINARY + ion_value(2, b'\xff' * 8_000_000), None),
    'an exponent of 62 bits': ('ION', None, lambda: ION_BINARY + ion_value(5, varuint(2**62) + b'\x01'), None),
    'padding and nothing else': ('ION', None, lambda: ION_BINARY + bytes(4_000_000), 0),
    'version markers and nothing else': ('ION', None, lambda: ION_BINARY * 1_000_000, 0),
}


@pytest.mark.parametrize('name', FILES)
def test_a_file_that_nobody_should_have_to_read(own, good, bystander, name):
    input_format, compression, make, items = FILES[name]
    own.client('s3', endpoint=own.s3_endpoint).put_object(Bucket='good', Key=f'{name}/file', Body=make())
    own.forget_peak()
    wire = own.wire()
    imported = run_import(wire, table_request('T' + str(list(FILES).index(name)).rjust(3, '0')), 'good', f'{name}/',
                          compression, InputFormat=input_format)
    if items is None:
        assert (imported['ImportStatus'], imported['FailureCode']) == ('FAILED', REFUSED)
    else:
        assert (imported['ImportStatus'], imported['ImportedItemCount']) == ('COMPLETED', items)
    assert own.memory_kb('VmHWM') < 320 * 1024
