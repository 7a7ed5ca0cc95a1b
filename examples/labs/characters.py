"""The rows of the characters' CSV file as items, with the numbers that DynamoDB takes: 1/4 is 0.25."""
import csv
import decimal

COLUMNS = ['code', 'name', 'category', 'combining', 'direction', 'decomposition', 'decimal', 'digit', 'numeric', 'mirrored',
           'old_name', 'comment', 'upper', 'lower', 'title']
DIGITS = decimal.Context(prec=38)  # what a number of DynamoDB may have


def rows(text):
    return list(csv.reader(text.splitlines(), delimiter=';'))


def number(text):
    numerator, _, denominator = text.partition('/')
    return str(DIGITS.divide(decimal.Decimal(numerator), decimal.Decimal(denominator or 1)))


def item(row):
    """As ImportTable makes it: no attribute of an empty column, strings but for the keys that are numbers."""
    return {name: {'N': number(value)} if name == 'numeric' else {'S': value}
            for name, value in zip(COLUMNS, row, strict=True) if value}
