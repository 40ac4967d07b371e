"""Results: medians and ratios of what the turns gave, as JSON and as a table."""

import json
import statistics

import workloads

# name: (what it is, whether more is better; None where it only explains)
FIGURES = {
    "mb_per_s": ("MB/s", True),
    "mb_per_cpu_s": ("MB per broker CPU second", True),
    "records_per_s": ("records/s", True),
    "mean_us": ("mean, us", False),
    "p50_us": ("p50, us", False),
    "p90_us": ("p90, us", False),
    "p99_us": ("p99, us", False),
    "p999_us": ("p99.9, us", False),
    "max_us": ("greatest, us", False),
    "clean_start_ms": ("start after a clean stop, ms", False),
    "kill_start_ms": ("start after kill -9, ms", False),
    "stop_ms": ("stop, ms", False),
    "rss_mib": ("resident, MiB", False),
    "peak_mib": ("peak resident, MiB", False),
    "written_mib": ("written to disk, MiB", None),
    "broker_cpu_s": ("broker CPU, s", False),
    "cpu_percent": ("broker CPU, % of a core", False),
    "client_cpu_s": ("client CPU, s", None),
    "mb": ("MB in all", None),
    "records": ("records in all", None),
    "seconds": ("seconds", None),
}


class Results:
    """{row: {side: {figure: [one value a round]}}}, and what went wrong."""

    def __init__(self, about):
        self.about = about
        self.values = {}
        self.errors = []

    def add(self, row, side, figures):
        kept = self.values.setdefault(row.name, {}).setdefault(side, {})
        for name, value in figures.items():
            kept.setdefault(name, []).append(value)

    def add_error(self, row, side, error):
        self.errors.append({"row": row.name, "side": side, "error": str(error)})

    def median(self, row_name, side, figure):
        """None where there is none."""
        values = self.values.get(row_name, {}).get(side, {}).get(figure)
        return statistics.median(values) if values else None

    def ratio(self, row, figure, side):
        """Moldau's median divided by the other side's."""
        ours, theirs = (self.median(row.name, one, figure) for one in ("moldau", side))
        return None if ours is None or not theirs else ours / theirs

    def judged(self, row):
        """[(goal, value reached or None)]"""
        return [(goal, self._reached(row, goal)) for goal in row.goals]

    def _reached(self, row, goal):
        ours = self.median(row.name, "moldau", goal.figure)
        if goal.absolute or ours is None:
            return ours
        theirs = self.median(goal.of_row or row.name, goal.than, goal.figure)
        return ours / theirs if theirs else None

    # ---- As JSON ----

    def save(self, path):
        rows = [self._row(row) for row in workloads.ROWS if row.name in self.values]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({**self.about, "rows": rows, "errors": self.errors}, indent=1))

    def _row(self, row):
        sides = {side: {figure: _spread(values) for figure, values in figures.items()}
                 for side, figures in self.values[row.name].items()}
        ratios = {side: {figure: self.ratio(row, figure, side) for figure in row.figures}
                  for side in sides if side != "moldau" and "moldau" in sides}
        return {"name": row.name, "title": row.title, "group": row.group, "sides": sides,
                "moldau_divided_by": ratios,
                "goals": [{"goal": describe(goal), "reached": reached,
                           "met": None if reached is None else goal.is_met_by(reached)}
                          for goal, reached in self.judged(row)]}

    # ---- As a table ----

    def table(self, rows):
        lines = []
        for row in rows:
            if row.name in self.values:
                lines += self._lines(row)
        lines += [f"FAILED {error['row']} on {error['side']}: {error['error']}"
                  for error in self.errors]
        return "\n".join(lines)

    def _lines(self, row):
        sides = [side for side in row.sides if side in self.values[row.name]]
        rounds = max(len(values) for figures in self.values[row.name].values()
                     for values in figures.values())
        head = f"{row.name}: {row.title} (medians of {rounds})"
        lines = [head, "  " + " " * 30 + "".join(f"{side:>13}" for side in sides)
                 + "".join(f"{'/ ' + side:>15}" for side in sides if side != "moldau"
                           and "moldau" in sides)]
        lines += [self._line(row, figure, sides) for figure in row.figures]
        lines += [self._verdict(goal, reached) for goal, reached in self.judged(row)]
        return lines + [""]

    def _line(self, row, figure, sides):
        cells = [f"{_number(self.median(row.name, side, figure)):>13}" for side in sides]
        if "moldau" in sides:
            cells += [f"{_ratio(self.ratio(row, figure, side)):>15}"
                      for side in sides if side != "moldau"]
        return f"  {FIGURES[figure][0]:30}" + "".join(cells)

    def _verdict(self, goal, reached):
        if reached is None:
            return f"  goal {describe(goal)}: not measured"
        verdict = "met" if goal.is_met_by(reached) else "MISSED"
        return f"  goal {describe(goal)}: {reached:.3g}, {verdict}"


def describe(goal):
    bound = (f"at least {goal.at_least:.3g}" if goal.at_least is not None
             else f"at most {goal.at_most:.3g}")
    if goal.absolute:
        return f"{FIGURES[goal.figure][0]} {bound}"
    other = goal.than + (f" in {goal.of_row}" if goal.of_row else "")
    return f"{FIGURES[goal.figure][0]} {bound} times that of {other}"


def _spread(values):
    return {"median": statistics.median(values), "least": min(values), "greatest": max(values),
            "values": values}


def _number(value):
    if value is None:
        return "-"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def _ratio(value):
    return "-" if value is None else f"{value:.3g}x"
