# SPDX-License-Identifier: GPL-2.0-or-later
"""What the pages of benchmarks are made with."""

import json
import os


def load(path):
    """A JSON file; nothing where there is none."""
    if not os.path.exists(path):
        return []
    with open(path, encoding='utf-8') as file:
        return json.load(file)


def machine(path):
    """What was measured on what, by names that str.format() takes."""
    with open(path, encoding='utf-8') as file:
        words = (line.rstrip('\n').split('=', 1) for line in file)
        return {key.replace('-', '_').replace('.', '_'): value for key, value in words}


def number(value, digits=0):
    """For people."""
    return '' if value is None else f'{value:,.{digits}f}'


def table(head, rows):
    """Lines of Markdown: the first column is words, the others are numbers."""
    yield '| ' + ' | '.join(head) + ' |'
    yield '| --- |' + ' ---: |' * (len(head) - 1)
    for row in rows:
        yield '| ' + ' | '.join(row) + ' |'


def write(path, parts):
    """A page of these parts."""
    with open(path, 'w', encoding='utf-8') as file:
        file.write('\n'.join(parts).rstrip() + '\n')
