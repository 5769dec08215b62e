#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Print the results of scale.sh and write them.

    scale-table.py RAW JSON"""

import json
import sys

import scale

objects = list(scale.entries(sys.argv[1]))
scale.show(objects)
with open(sys.argv[2], 'w', encoding='utf-8') as out:
    out.write('[\n' + ',\n'.join(json.dumps(entry) for entry in objects) + '\n]\n')
