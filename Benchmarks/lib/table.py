# SPDX-License-Identifier: Apache-2.0
"""Prints rows as a table that fits a terminal."""

HEAD = ("", "value", "floor", "ratio", "aim", "")


def print_table(rows):
    lines = [HEAD] + [cells(row) for row in rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
    for line in lines:
        # Names to the left, numbers to the right.
        padded = [line[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(line[1:4], widths[1:4])]
        padded += [line[4].ljust(widths[4]), line[5]]
        print("  ".join(padded).rstrip())


def cells(row):
    what = f"{row.what}, {row.unit}" if row.unit else row.what
    return what, number(row.value), number(row.floor), number(row.ratio), row.aim, row.verdict


def number(value):
    if value is None:
        return "-"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.2f}" if value % 1 else f"{value:.0f}"
