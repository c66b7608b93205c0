#!/usr/bin/env python3
"""Instances of the ROADEF/EURO challenge 2012 as policy.placet reads them, and the judge of the answers.

usage: instance.py make MODEL ASSIGNMENT OUT
       instance.py verify MODEL ASSIGNMENT ANSWER   checks by the challenge's own definition; shows cost before and after
"""
import json, sys
from collections import defaultdict


class Instance:
    def __init__(self, model, assignment):
        numbers = iter(map(int, open(model).read().split()))
        take = lambda: next(numbers)
        many = lambda n: [take() for _ in range(n)]
        R = take(); self.resources = [(bool(take()), take()) for _ in range(R)]
        M = take(); self.machines = []
        for _ in range(M):
            hood, place = take(), take()
            self.machines.append((hood, place, many(R), many(R), many(M)))
        S = take(); self.services = []
        for _ in range(S):
            spread, count = take(), take()
            self.services.append((spread, many(count)))
        P = take(); self.processes = []
        for _ in range(P):
            service = take()
            self.processes.append((service, many(R), take()))
        B = take(); self.balances = [(take(), take(), take(), take()) for _ in range(B)]
        self.weights = many(3)
        if next(numbers, None) is not None: raise SystemExit("the model has more numbers than it should")
        self.start = list(map(int, open(assignment).read().split()))
        if len(self.start) != P: raise SystemExit("the assignment has another number of processes")

    def usage(self, at):
        use = [[0] * len(self.resources) for _ in self.machines]
        for (_, takes, _), m in zip(self.processes, at):
            for k, amount in enumerate(takes): use[m][k] += amount
        return use

    def broken(self, at):
        """What a reassignment breaks."""
        use = self.usage(at)
        for m, (_, _, capacity, _, _) in enumerate(self.machines):
            for k, (transient, _) in enumerate(self.resources):
                total = use[m][k]
                if transient: total += sum(p[1][k] for p, s, t in zip(self.processes, self.start, at) if s == m != t)
                if total > capacity[k]: yield f"machine {m}, resource {k}: {total} of {capacity[k]}"
        of = defaultdict(list)
        for p, m in zip(self.processes, at): of[p[0]].append(m)
        hoods = {s: {self.machines[m][0] for m in of[s]} for s in range(len(self.services))}
        for s, (spread, needs) in enumerate(self.services):
            if len(set(of[s])) < len(of[s]): yield f"service {s}: two processes on one machine"
            if len({self.machines[m][1] for m in of[s]}) < spread: yield f"service {s}: fewer than {spread} locations"
            for n in needs:
                if not hoods[s] <= hoods[n]: yield f"service {s}: without service {n} in its neighbourhood"

    def cost(self, at):
        use, total = self.usage(at), 0
        for m, (_, _, capacity, safety, _) in enumerate(self.machines):
            for k, (_, weight) in enumerate(self.resources): total += weight * max(0, use[m][k] - safety[k])
            for a, b, target, weight in self.balances:
                total += weight * max(0, target * (capacity[a] - use[m][a]) - (capacity[b] - use[m][b]))
        moved = defaultdict(int)
        process = machine = 0
        for (service, _, cost), s, t in zip(self.processes, self.start, at):
            machine += self.machines[s][4][t]
            if s != t: process += cost; moved[service] += 1
        pw, sw, mw = self.weights
        return total + pw * process + sw * max(moved.values(), default=0) + mw * machine

    def document(self):
        return {
            "resources": [{"transient": t, "weight": w} for t, w in self.resources],
            "machines": [{"neighbourhood": h, "location": l, "capacity": c, "safety": s, "distance": d}
                         for h, l, c, s, d in self.machines],
            "services": [{"spread": s, "needs": n} for s, n in self.services],
            "processes": [{"service": s, "takes": t, "cost": c, "was": w}
                          for (s, t, c), w in zip(self.processes, self.start)],
            "balances": [{"a": a, "b": b, "target": t, "weight": w} for a, b, t, w in self.balances],
            "process_weight": self.weights[0], "service_weight": self.weights[1], "machine_weight": self.weights[2]}


def verify(instance, answer):
    answer = json.load(open(answer))
    at = [int(answer["decisions"][f"p{n}"]["machine"][1:]) for n in range(len(instance.processes))]
    for what in instance.broken(at): raise SystemExit("broken: " + what)
    cost, told = instance.cost(at), answer["objectives"][0]
    if cost != told["value"]: raise SystemExit(f"costs {cost}, told {told['value']}")
    print(len(instance.machines), len(instance.processes), instance.cost(instance.start), cost, told["bound"])


if sys.argv[1:2] == ["make"] and len(sys.argv) == 5:
    json.dump(Instance(*sys.argv[2:4]).document(), open(sys.argv[4], "w"))
elif sys.argv[1:2] == ["verify"] and len(sys.argv) == 5: verify(Instance(*sys.argv[2:4]), sys.argv[4])
else: raise SystemExit(__doc__)
