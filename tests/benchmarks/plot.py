#!/usr/bin/env python3
"""Draws latency over throughput, from the rows of the sweep.

    plot.py results.json [plot.svg]
"""

import json
import math
import pathlib
import sys

WIDTH, HEIGHT = 900, 560
LEFT, RIGHT, TOP, BOTTOM = 90, 30, 60, 70
COLOURS = {"moldau": "#0a6ebd", "kafka": "#c0392b", "kafka-tuned": "#d68910",
           "kafka-3.9": "#7d3c98"}
LINES = {"p50_us": "", "p99_us": "6 4"}  # a dash pattern each
NAMES = {"p50_us": "p50", "p99_us": "p99"}


def points_of(results):
    """{(side, figure): [(MB/s, us), ...]}, in the order of the rates."""
    found = {}
    for row in results["rows"]:
        if row["group"] != "sweep":
            continue
        for side, figures in row["sides"].items():
            for figure in LINES:
                point = (figures["mb_per_s"]["median"], figures[figure]["median"])
                if min(point) > 0:
                    found.setdefault((side, figure), []).append(point)
    return found


class Axes:
    """Throughput from left to right, latency upwards by powers of ten."""

    def __init__(self, points):
        everything = [point for line in points.values() for point in line]
        self.right = max(x for x, _ in everything) * 1.05
        self.low = math.floor(math.log10(min(y for _, y in everything)))
        self.high = max(math.ceil(math.log10(max(y for _, y in everything))), self.low + 1)

    def x(self, mb_per_s):
        return LEFT + (WIDTH - LEFT - RIGHT) * mb_per_s / self.right

    def y(self, us):
        part = (math.log10(us) - self.low) / (self.high - self.low)
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * part

    def draw(self):
        parts = []
        for power in range(self.low, self.high + 1):
            y = self.y(10 ** power)
            parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" '
                         'stroke="#ddd"/>')
            parts.append(_text(LEFT - 8, y + 4, _duration(10 ** power), "end"))
        step = _step(self.right)
        for number in range(int(self.right / step) + 1):
            x = self.x(number * step)
            parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}" '
                         'stroke="#eee"/>')
            parts.append(_text(x, HEIGHT - BOTTOM + 20, f"{number * step:g}", "middle"))
        parts.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 22, "MB/s", "middle"))
        parts.append(_text(LEFT, TOP - 12, "latency", "end"))
        return parts


def _step(greatest):
    rough = greatest / 6
    scale = 10 ** math.floor(math.log10(rough))
    return next(factor * scale for factor in (1, 2, 5, 10) if factor * scale >= rough)


def _duration(us):
    if us >= 1_000_000:
        return f"{us / 1_000_000:g} s"
    return f"{us / 1000:g} ms" if us >= 1000 else f"{us:g} us"


def _text(x, y, text, anchor):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{text}</text>'


def _line(axes, side, figure, points):
    colour = COLOURS.get(side, "#444")
    path = " ".join(f"{axes.x(x):.1f},{axes.y(y):.1f}" for x, y in points)
    parts = [f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2" '
             f'stroke-dasharray="{LINES[figure]}"/>']
    parts += [f'<circle cx="{axes.x(x):.1f}" cy="{axes.y(y):.1f}" r="3.5" fill="{colour}"/>'
              for x, y in points]
    return parts


def _legend(keys):
    parts = []
    for number, (side, figure) in enumerate(keys):
        x = LEFT + 20 + 170 * number
        parts.append(f'<line x1="{x}" x2="{x + 30}" y1="28" y2="28" stroke-width="2" '
                     f'stroke="{COLOURS.get(side, "#444")}" '
                     f'stroke-dasharray="{LINES[figure]}"/>')
        parts.append(_text(x + 36, 32, f"{side}, {NAMES[figure]}", "start"))
    return parts


def draw(results):
    """The SVG, or None when no row of the sweep was measured."""
    points = points_of(results)
    if not points:
        return None
    axes = Axes(points)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
             f'viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="13">',
             '<rect width="100%" height="100%" fill="white"/>', *axes.draw()]
    for (side, figure), line in points.items():
        parts += _line(axes, side, figure, line)
    return "\n".join([*parts, *_legend(points), "</svg>"]) + "\n"


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    source = pathlib.Path(sys.argv[1])
    drawn = draw(json.loads(source.read_text()))
    if drawn is None:
        sys.exit(f"no row of the sweep in {source}")
    target = pathlib.Path(sys.argv[2]) if len(sys.argv) == 3 else source.with_suffix(".svg")
    target.write_text(drawn)
    print(target)


if __name__ == "__main__":
    main()
