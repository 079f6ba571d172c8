"""Reads a run's event file by TensorBoard's own reader and compares every scalar with metrics.csv.

    pip install tensorboard
    python scripts/check_tensorboard.py RUN
"""

import csv
import math
import sys

import numpy as np
from tensorboard.backend.event_processing.event_accumulator import SCALARS, EventAccumulator

run = sys.argv[1]
events = EventAccumulator(run, size_guidance={SCALARS: 0})
events.Reload()
found = {(tag, e.step): e.value for tag in events.Tags()["scalars"] for e in events.Scalars(tag)}
count = sum(len(events.Scalars(tag)) for tag in events.Tags()["scalars"])
with open(f"{run}/metrics.csv", newline="") as file:
    rows = list(csv.DictReader(file))
expected = {(f"{r['phase']}/{r['metric']}", int(r["step"])): np.float32(r["value"]) for r in rows}


def same(a, b):
    return a == b or (math.isnan(a) and math.isnan(b))


wrong = [key for key in expected if key not in found or not same(found[key], expected[key])]
if wrong or count != len(rows) or len(found) != len(expected):
    sys.exit(f"{run}: {count} scalars, {len(rows)} rows in metrics.csv; different or missing: {wrong[:5]}")
print(f"{run}: {count} scalars of {len(events.Tags()['scalars'])} tags, all equal to metrics.csv")
