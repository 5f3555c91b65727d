"""Writes cases.json beside it: pip install scipy==1.17.1; python regenerate.py.

`statistic` and `p_value` are scipy.stats.mannwhitneyu's, with its defaults: two-sided, corrected for continuity, exact if one sample has at most
eight values and none are equal. `shift` is the median of all differences. The interval leaves out as many differences at either end as the same
statistic's distribution says: exact where the p-value is, else by the normal approximation with ties (Hollander and Wolfe, section 4.3).
"""
import json
import math
from pathlib import Path

import numpy as np
from scipy import stats
from scipy.stats._mannwhitneyu import _MWU

CONFIDENCE = 0.98
random = np.random.default_rng(20261127)


def interval(target, current):
    m, n = len(target), len(current)
    differences = np.sort(np.subtract.outer(target, current).ravel())
    tail = (1 - CONFIDENCE) / 2
    _, ties = np.unique(np.concatenate([target, current]), return_counts=True)
    if min(m, n) <= 8 and ties.max() == 1:
        law = _MWU(m, n)
        below = next(k for k in range(m * n + 1) if law.cdf(np.array([k]))[0] > tail)
    else:
        total = m + n
        deviation = math.sqrt(m * n / 12 * ((total + 1) - (ties**3 - ties).sum() / (total * (total - 1))))
        below = math.floor(m * n / 2 - stats.norm.isf(tail) * deviation)
    below = min(max(below, 1), (m * n + 1) // 2)
    return differences[below - 1], differences[m * n - below]


def case(name, target, current):
    answer = stats.mannwhitneyu(target, current)
    low, high = interval(np.array(target), np.array(current))
    return {
        "name": name, "target": list(map(float, target)), "current": list(map(float, current)),
        "statistic": float(answer.statistic), "p_value": float(answer.pvalue), "confidence": CONFIDENCE,
        "shift": float(np.median(np.subtract.outer(target, current))), "low": float(low), "high": float(high),
    }


def durations(size, factor=1.0, digits=3):
    return np.round(factor * 80 * np.exp(0.5 * random.standard_normal(size)), digits)


cases = [
    case("one beside one", [3.0], [2.0]),
    case("one beside five", [9.0], [1.0, 2.0, 3.0, 4.0, 5.0]),
    case("few, without ties: exact", durations(6), durations(7)),
    case("eight beside forty: exact", durations(8, 1.4), durations(40)),
    case("forty beside eight: exact", durations(40), durations(8, 1.4)),
    case("few, apart: exact", durations(7, 9.0), durations(8)),
    case("few, with ties: asymptotic", [1.0, 2.0, 2.0, 5.0], [2.0, 3.0, 3.0, 4.0, 6.0]),
    case("nine beside nine: asymptotic", durations(9), durations(9, 1.2)),
    case("equal distributions", durations(60), durations(150)),
    case("half as long again", durations(60, 1.5), durations(150)),
    case("shorter", durations(60, 0.6), durations(150)),
    case("whole milliseconds, many ties", durations(70, 1.1, 0), durations(120, 1.0, 0)),
    case("tens of milliseconds, most of them ties", durations(50, 1.3, -1), durations(50, 1.0, -1)),
    case("all equal", [5.0] * 12, [5.0] * 20),
    case("negative and around zero", random.standard_normal(15).round(2), random.standard_normal(20).round(2)),
    case("far apart", durations(80, 20.0), durations(90)),
]
lines = ",\n".join(json.dumps(case) for case in cases)
Path(__file__).with_name("cases.json").write_text(f"[\n{lines}\n]\n")
