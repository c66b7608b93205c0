#!/usr/bin/env python3
"""BtrPlace workloads as policy.placet reads them, and the judge of the answers.

usage: workload.py make WORKLOAD OUT       WORKLOAD is BtrPlace's JSON, gzipped or not
       workload.py verify WORKLOAD ANSWER  checks the answer against BtrPlace's file alone; shows moves and their bound
"""
import collections, gzip, json, sys


def read(path):
    document = json.load(gzip.open(path) if path.endswith("gz") else open(path))
    model, constraints = document["model"], document["constraints"]
    mapping = model["mapping"]
    by_kind = collections.defaultdict(list)
    for c in constraints: by_kind[c["id"]].append(c)
    known = {"online", "offline", "running", "preserve", "spread", "among", "fence", "resourceCapacity"}
    if set(by_kind) - known: raise SystemExit(f"constraints that nothing here reads: {set(by_kind) - known}")
    at = {vm: int(n) for n, x in mapping["onlineNodes"].items() for vm in x["runningVMs"]}
    if any(x["sleepingVMs"] for x in mapping["onlineNodes"].values()): raise SystemExit("sleeping machines are not read")
    if set(mapping["readyVMs"]) - {c["vm"] for c in by_kind["running"]}: raise SystemExit("machines that stay off are not read")
    online = {int(n) for n in mapping["onlineNodes"]} - {c["node"] for c in by_kind["offline"]}
    nodes = sorted({int(n) for n in mapping["onlineNodes"]} | set(mapping["offlineNodes"]))
    vms = sorted(set(at) | set(mapping["readyVMs"]))
    room, takes = {}, {}
    for view in model["views"]:
        if view["id"] != "shareableResource": continue
        rc = view["rcId"]
        room[rc] = {n: view["nodes"].get(str(n), view["defCapacity"]) for n in nodes}
        takes[rc] = {v: view["vms"].get(str(v), view["defConsumption"]) for v in vms}
    for c in by_kind["preserve"]: takes[c["rc"]][c["vm"]] = max(takes[c["rc"]][c["vm"]], c["amount"])
    for c in by_kind["resourceCapacity"]:
        (node,) = c["nodes"]
        room[c["rc"]][node] = min(room[c["rc"]][node], c["amount"])
    return at, online, nodes, vms, room, takes, by_kind


def make(workload, out):
    at, online, nodes, vms, room, takes, by_kind = read(workload)
    kinds = sorted(room)
    part = {}
    for c in by_kind["among"]:
        for number, members in enumerate(c["parts"]):
            for n in members:
                if part.setdefault(n, number) != number: raise SystemExit("parts differ between constraints")
    fence = {c["vm"]: [str(n) for n in c["nodes"]] for c in by_kind["fence"]}
    def vm(v):
        row = {"name": str(v), "takes": [takes[k][v] for k in kinds]}
        if v in at: row["was"] = str(at[v])
        if v in fence: row["fence"] = fence[v]
        return row
    # Nodes of no part have one each: those of a constraint with parts may not lie there together.
    lone = 1 + max(part.values(), default=0)
    json.dump({
        "resources": kinds,
        "nodes": [{"name": str(n), "room": [room[k][n] for k in kinds], "part": part.get(n, lone + n), "online": n in online}
                  for n in nodes],
        "vms": [vm(v) for v in vms],
        "spread": [[str(v) for v in c["vms"]] for c in by_kind["spread"] if len(c["vms"]) > 1],
        "among": [[str(v) for v in c["vms"]] for c in by_kind["among"]],
    }, open(out, "w"))


def verify(workload, answer):
    at, online, nodes, vms, room, takes, by_kind = read(workload)
    answer = json.load(open(answer))
    to = {v: int(answer["decisions"][str(v)]["node"]) for v in vms}
    def check(holds, what):
        if not holds: raise SystemExit("broken: " + what)
    for v in vms: check(to[v] in online, f"{v} on {to[v]}, which is off")
    bound = 0
    least = collections.Counter()
    for k in room:
        use, there = collections.Counter(), collections.defaultdict(list)
        for v in vms: use[to[v]] += takes[k][v]
        for n in nodes: check(use[n] <= room[k][n], f"{k} of node {n}: {use[n]} of {room[k][n]}")
        # A node that is too full has to lose some; the largest first are the fewest.
        for v, n in at.items(): there[n].append(takes[k][v])
        for n, amounts in there.items():
            rest, count = sum(amounts), 0
            for amount in sorted(amounts, reverse=True):
                if rest <= room[k][n]: break
                rest -= amount; count += 1
            least[n] = max(least[n], count)
    bound = sum(least.values())
    for c in by_kind["spread"]: check(len({to[v] for v in c["vms"]}) == len(c["vms"]), f"spread {c['vms']}")
    for c in by_kind["fence"]: check(to[c["vm"]] in c["nodes"], f"fence {c['vm']}")
    for c in by_kind["among"]:
        check(any({to[v] for v in c["vms"]} <= set(p) for p in c["parts"]), f"among {c['vms']}")
    moves = sum(to[v] != n for v, n in at.items())
    check(moves == answer["objectives"][0]["value"], f"{moves} moves, told {answer['objectives'][0]['value']}")
    print(len(nodes), len(vms), len(vms) - len(at), moves, bound, answer["status"], answer["objectives"][0]["bound"])


if sys.argv[1:2] == ["make"] and len(sys.argv) == 4: make(*sys.argv[2:])
elif sys.argv[1:2] == ["verify"] and len(sys.argv) == 4: verify(*sys.argv[2:])
else: raise SystemExit(__doc__)
