#!/usr/bin/env python3
"""Plants a harder conflict in an instance of the placement family.

usage: plant.py INSTANCE KIND OUT
  packing      eleven functions need one of two hosts: each resource has room for all, no two loads of hosts together have
  overlapping  three functions apart on two hosts, and one of them where none of these hosts is: two conflicts, one function in both
  across       one site for two functions, a link from one that is too short, and a law on each end: affinity, latency, residency
"""
import json, sys

instance, kind, out = sys.argv[1:4]
d = json.load(open(instance))
site = {v["id"]: v["site"] for v in d["vims"]}
region = {s["id"]: s["region"] for s in d["sites"]}
regions = sorted(set(region.values()))
last = max(v["id"] for v in d["vnfs"])
group = max(g["id"] for g in d["groups"])
link = max(l["id"] for l in d["links"])
service = max(v["service"] for v in d["vnfs"]) + 1


def function(**fields):
    global last
    last += 1
    d["vnfs"].append(dict(dict(id=last, service=service, vcpu=1, mem=1, hp=0, vf=0, dedicated=False, numa="float",
                               kinds=None, regions=None, labels=[]), **fields))
    return last


def pair_of_hosts():
    """Two hosts of one shape that nothing runs on, large enough to tell sizes apart."""
    shapes = {}
    for h in sorted(d["hosts"], key=lambda h: -sum(n[0] for n in h["nodes"])):
        shape = str(h["nodes"])
        if shape in shapes: return shapes[shape], h
        shapes[shape] = h


if kind == "packing":
    hosts = pair_of_hosts()
    for h in hosts: h["labels"] = h["labels"] + ["pair"]
    cpu, memory = (sum(n[k] for n in hosts[0]["nodes"]) for k in (0, 1))
    big = lambda amount: amount // 4
    small = lambda amount: -(-amount // 10)
    for k in range(6): function(vcpu=big(cpu), mem=small(memory), labels=["pair"])
    for k in range(5): function(vcpu=small(cpu), mem=big(memory), labels=["pair"])
elif kind == "overlapping":
    hosts = pair_of_hosts()
    for h in hosts: h["labels"] = h["labels"] + ["pair"]
    inside = {region[site[h["vim"]]] for h in hosts}
    outside = [r for r in regions if r not in inside]
    if not outside: raise SystemExit("the two hosts are in all regions")
    members = [function(labels=["pair"]), function(labels=["pair"]), function(labels=["pair"], regions=outside)]
    d["groups"].append(dict(id=group + 1, type="anti_host", members=members))
elif kind == "across":
    lat = d["lat"]
    far, a, b = max((min(lat[s][t] for s in region if region[s] == a for t in region if region[t] == b), a, b)
                    for a in regions for b in regions if a != b)
    one, two, three = function(regions=[a]), function(), function(regions=[b])
    d["groups"].append(dict(id=group + 1, type="same_site", members=[one, two]))
    d["links"].append(dict(id=link + 1, a=two, b=three, max_us=far - 1))
else:
    raise SystemExit(__doc__)
json.dump(d, open(out, "w"))
