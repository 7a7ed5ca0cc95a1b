"""Reads incremental exports by the rules that their consumers follow."""
import json

from support.transfers import read_lines


def read_changes(s3, description):
    """The records of an incremental export in DynamoDB JSON, in no order. See read_lines()."""
    return [json.loads(line) for line in read_lines(s3, description)[0]]


def apply_changes(items, records, key_names=('pk',)):
    """Puts what has a new image and deletes the rest, on a dictionary of items by their key."""
    for record in records:
        assert sorted(record['Keys']) == sorted(key_names)
        key = key_of(record['Keys'], key_names)
        if 'NewImage' in record:
            items[key] = record['NewImage']
        else:
            items.pop(key, None)
    return items


def key_of(item, key_names=('pk',)):
    return json.dumps([item[name] for name in key_names])


def by_key(items, key_names=('pk',)):
    found = {key_of(item, key_names): item for item in items}
    assert len(found) == len(items), 'each item once'
    return found
