"""Solves the programmes of site-lp.js (SciPy, HiGHS) and prints the share of the demand, %, by day and limit."""
import json
import sys

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_matrix

KW_PER_PHASE_A = 0.23


def bound(problem):
    slot_s = problem["slotS"]
    slots = len(problem["room"])
    rows, columns, values, limits = [], [], [], []
    row_of = {}

    def row(key, limit):
        if key not in row_of:
            row_of[key] = len(limits)
            limits.append(limit)
        return row_of[key]

    gains, most = [], []
    for index, session in enumerate(problem["sessions"]):
        phases = sum(session["mask"])
        kwh = phases * KW_PER_PHASE_A * slot_s / 3600
        for slot in range(slots):
            from_s, to_s = slot * slot_s, (slot + 1) * slot_s
            present = min(to_s, session["leaveS"]) - max(from_s, session["arriveS"])
            if present <= 0:
                continue
            column = len(gains)
            gains.append(kwh)
            most.append(session["capA"] * present / slot_s)
            entries = [(row(("session", index), session["energyKwh"]), kwh)]
            for phase in range(3):
                if not session["mask"][phase]:
                    continue
                entries.append((row(("site", phase, slot), problem["room"][slot][phase]), 1))
                group = row((session["group"], phase, slot), problem["groupLimitA"])
                entries.append((group, 1))
            for at, value in entries:
                rows.append(at)
                columns.append(column)
                values.append(value)
    matrix = coo_matrix((values, (rows, columns)), shape=(len(limits), len(gains))).tocsr()
    solved = linprog(-np.array(gains), A_ub=matrix, b_ub=limits, bounds=list(zip([0] * len(most), most)), method="highs")
    demand = sum(session["energyKwh"] for session in problem["sessions"])
    return 100 * -solved.fun / demand


bounds = {}
for line in sys.stdin:
    problem = json.loads(line)
    bounds.setdefault(problem["date"], {})[str(problem["limitA"])] = round(bound(problem), 3)
print(json.dumps(bounds, indent=2))
