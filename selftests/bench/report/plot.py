# SPDX-License-Identifier: GPL-2.0-or-later
"""Bar charts as SVG, by hand: no library is needed for a few rectangles."""

from xml.sax.saxutils import escape

COLOURS = {'sluice': '#1b6ca8', 'ipvs': '#c8553d', 'nft': '#e0a458', 'route': '#8d99ae',
           'sniff': '#1b6ca8', 'flow': '#7fb2d9', 'haproxy': '#c8553d'}
WIDTH, LEFT, RIGHT, BAR, GAP = 860, 270, 90, 13, 12


def step_of(most):
    """Distance of the lines of a scale with four to nine of them."""
    step = 1
    while most / step > 9:
        step *= 2.5 if str(step)[0] == '2' else 2
    return step


def bars(title, rows, names):
    """A chart. rows: (label, {series: value}, goal or None); names: of the series, in order."""
    rows = [row for row in rows if any(v is not None for v in row[1].values())]
    most = max(v for _, values, goal in rows for v in [*values.values(), goal] if v is not None)
    scale = (WIDTH - LEFT - RIGHT) / most
    out, y = [], 64

    def text(x, at, what, anchor='start', weight='normal', size=12):
        out.append(f'<text x="{x:.0f}" y="{at:.0f}" text-anchor="{anchor}" font-weight="{weight}" '
                   f'font-size="{size}">{escape(what)}</text>')

    def rectangle(x, at, width, height, colour):
        out.append(f'<rect x="{x:.1f}" y="{at:.1f}" width="{width:.1f}" height="{height:.1f}" '
                   f'fill="{colour}"/>')

    text(10, 22, title, weight='bold', size=15)
    x = 10
    for series in names:
        rectangle(x, 34, 12, 12, COLOURS[series])
        text(x + 17, 45, names[series])
        x += 30 + 8 * len(names[series])
    if any(row[2] is not None for row in rows):
        rectangle(x, 34, 2, 12, 'black')
        text(x + 8, 45, 'goal')
    for label, values, goal in rows:
        top = y
        for series in names:
            value = values.get(series)
            if value is None:
                continue
            rectangle(LEFT, y, value * scale, BAR - 2, COLOURS[series])
            text(LEFT + value * scale + 4, y + BAR - 3, f'{value:,.{0 if value >= 20 else 2}f}', size=11)
            y += BAR
        text(LEFT - 8, (top + y) / 2 + 4, label, anchor='end')
        if goal is not None:
            # Across the first bar: it is ours that is to reach it.
            rectangle(LEFT + goal * scale - 1, top - 4, 2, BAR + 6, 'black')
        y += GAP
    step = step_of(most)
    for i in range(int(most / step) + 1):
        x = LEFT + i * step * scale
        out.insert(0, f'<line x1="{x:.1f}" y1="58" x2="{x:.1f}" y2="{y}" stroke="#ddd"/>')
        text(x, y + 14, f'{i * step:,.0f}' if step >= 1 else f'{i * step:.1f}', anchor='middle', size=11)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y + 24:.0f}" '
            f'width="{WIDTH}" height="{y + 24:.0f}" font-family="sans-serif">\n'
            f'<rect width="100%" height="100%" fill="white"/>\n' + '\n'.join(out) + '\n</svg>\n')
