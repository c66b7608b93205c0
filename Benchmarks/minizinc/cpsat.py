#!/usr/bin/env python3
"""The same instances with OR-tools' CP-SAT (PyPI: ortools): variables and constraints of the MiniZinc models.

usage: cpsat.py INSTANCE.json SECONDS [mixes]   shows the status, the price and the CPU seconds of the solver and of the process;
with `mixes` the numbers of machines by mix that wordpress.placet decides, in place of the model's own variables
"""
import json, sys, time
from ortools.sat.python import cp_model


def wordpress(model, data):
    """Which components run on each machine, and which offer it is; equal machines are ordered by price."""
    machines, offers = range(data["machines"]), data["offers"]
    w, q, d, h, v = range(5)
    runs = [[model.new_bool_var("") for _ in machines] for _ in range(5)]
    prices = []
    for k in machines:
        is_used = model.new_bool_var("")
        model.add_max_equality(is_used, [runs[c][k] for c in range(5)])
        offer = model.new_int_var(0, len(offers) - 1, "")
        for what in ("cpu", "memory", "storage"):
            room = model.new_int_var(0, max(o[what] for o in offers), "")
            model.add_element(offer, [o[what] for o in offers], room)
            model.add(sum(runs[c][k] * data["components"][c][what] for c in range(5)) <= room)
        rent = model.new_int_var(0, max(o["price"] for o in offers), "")
        model.add_element(offer, [o["price"] for o in offers], rent)
        price = model.new_int_var(0, max(o["price"] for o in offers), "")
        model.add(price == rent).only_enforce_if(is_used)
        model.add(price == 0).only_enforce_if(~is_used)
        prices.append(price)
        for a, b in ((v, d), (v, h), (v, q), (d, w), (d, q), (h, w), (h, q)): model.add(runs[a][k] + runs[b][k] <= 1)
    for a, b in zip(prices, prices[1:]): model.add(a >= b)
    count = [sum(row) for row in runs]
    by_name = model.new_bool_var("")
    model.add(count[d] == 1).only_enforce_if(by_name)
    model.add(count[d] == 0).only_enforce_if(~by_name)
    model.add(count[h] == 0).only_enforce_if(by_name)
    model.add(count[h] >= 1).only_enforce_if(~by_name)
    model.add(count[w] <= 7 * count[d]).only_enforce_if(by_name)
    model.add(count[w] <= 3 * count[h]).only_enforce_if(~by_name)
    model.add(count[w] >= data["wordpress"])
    model.add(2 * count[w] <= 3 * count[q])
    for c in (q, v): model.add(count[c] >= 2)
    return sum(prices)


def mixes(model, data):
    """How many machines run each mix, with the cheapest offer that it fits on."""
    kinds = [(w, q, 0, 0, v) for w in (0, 1) for q in (0, 1) for v in (0, 1) if w + q + v and q + v < 2]
    kinds += [(0, 0, 1, 0, 0), (0, 0, 0, 1, 0)]
    number = [model.new_int_var(0, data["machines"], "") for _ in kinds]
    rent = []
    for kind, n in zip(kinds, number):
        need = {k: sum(x * c[k] for x, c in zip(kind, data["components"])) for k in ("cpu", "memory", "storage")}
        fitting = [o["price"] for o in data["offers"] if all(o[k] >= need[k] for k in need)]
        if not fitting: model.add(n == 0)
        rent.append(min(fitting, default=0))
    model.add(sum(number) <= data["machines"])
    w, q, d, h, v = (sum(kind[c] * n for kind, n in zip(kinds, number)) for c in range(5))
    by_name = model.new_bool_var("")
    model.add(d == 1).only_enforce_if(by_name)
    model.add(d == 0).only_enforce_if(~by_name)
    model.add(h == 0).only_enforce_if(by_name)
    model.add(h >= 1).only_enforce_if(~by_name)
    model.add(w <= 7 * d).only_enforce_if(by_name)
    model.add(w <= 3 * h).only_enforce_if(~by_name)
    model.add(w >= data["wordpress"])
    model.add(2 * w <= 3 * q)
    model.add(q >= 2)
    model.add(v >= 2)
    return sum(r * n for r, n in zip(rent, number))


def zephyrus(model, data):
    """How many of each component run on each location; of equal locations the first runs most, component by component."""
    locations, components = data["locations"], data["components"]
    most = {c: 1 if row["is_alone"] else max(l["memory"] for l in locations) // row["memory"]
            for c, row in enumerate(components)}
    runs = [[model.new_int_var(0, most[c], "") for c in range(len(components))] for _ in locations]
    used = []
    for l, row in zip(locations, runs):
        model.add(sum(n * c["memory"] for n, c in zip(row, components)) <= l["memory"])
        is_used = model.new_bool_var("")
        for n in row: model.add(n == 0).only_enforce_if(~is_used)
        model.add(sum(row) >= 1).only_enforce_if(is_used)
        used.append(is_used)
    for n in range(len(locations) - 1):
        if locations[n] != locations[n + 1]: continue
        weights = []
        for c in reversed(range(len(components))):
            weights.insert(0, 1 if not weights else weights[0] * (most[c + 1] + 1))
        model.add(sum(w * x for w, x in zip(weights, runs[n])) >= sum(w * x for w, x in zip(weights, runs[n + 1])))
        model.add_implication(used[n + 1], used[n])
    count = [sum(column) for column in zip(*runs)]
    needing = {n["by"] for n in data["needs"]}
    for c in needing:
        is_there = model.new_bool_var("")
        model.add(count[c] == 0).only_enforce_if(~is_there)
        for n in data["needs"]:
            if n["by"] == c: model.add(count[n["of"]] >= n["number"]).only_enforce_if(is_there)
    for n in data["needs"]:
        if "serves" in n: model.add(n["number"] * count[n["by"]] <= n["serves"] * count[n["of"]])
    entries = {c for c, row in enumerate(components) if row["is_entry"]}
    model.add(sum(count[c] for c in entries) >= 1)
    return sum(l["price"] * u for l, u in zip(locations, used))


data, limit = json.load(open(sys.argv[1])), float(sys.argv[2])
model = cp_model.CpModel()
state = mixes if "mixes" in sys.argv[3:] else {"wordpress": wordpress, "zephyrus": zephyrus}[data["family"]]
model.minimize(state(model, data))
solver = cp_model.CpSolver()
# One worker: more of them find the same in less time, but not for less CPU.
solver.parameters.num_workers = 1
solver.parameters.random_seed = 1
solver.parameters.max_time_in_seconds = limit
begin = time.process_time()
status = solver.status_name(solver.solve(model))
print(status.lower(), round(solver.objective_value), f"{time.process_time() - begin:.2f} {time.process_time():.2f}")
