#!/usr/bin/env python3
"""Cases of OSM's placement module as policy.placet reads them, and two judges of the answers.

usage: cases.py make DATA-FOLDER OUT-FOLDER    DATA-FOLDER has PLA's price lists, link lists and NSDs
       cases.py judge CASE ANSWER              the answer is admissible and as cheap as enumeration and PLA's model say
"""
import itertools, json, os, shutil, subprocess, sys

NO_LINK = 0x7FFF  # what PLA counts where two VIMs have no link


def read_pla(data, prices_file, links_file, nsd_file, vims, pins={}):
    """One case from PLA's own files, read as its placement data factory does."""
    import yaml
    load = lambda name: yaml.safe_load(open(os.path.join(data, name)))
    prices, pil, nsd = load(prices_file), load(links_file)["pil"], load(nsd_file)["nsd:nsd-catalog"]["nsd"][0]
    by_vnfd = {p["vnfd"]: {e["vim_url"]: e["price"] for e in p["prices"]} for p in prices}
    # PLA's list has no price for this function of its five-VNF service: it gets those of the other one with two machines.
    by_vnfd.setdefault("test_two_vnfd", by_vnfd.get("hackfest_multivdu-vnf"))
    number = {url: n for n, url in enumerate(vims)}
    def matrix(key):
        table = [[0 if a == b else NO_LINK for b in vims] for a in vims]
        for link in pil:
            a, b = link["pil_endpoints"]
            if key in link and a in number and b in number:
                table[number[a]][number[b]] = table[number[b]][number[a]] = link[key]
        return table
    vnfs = []
    for member in nsd["constituent-vnfd"]:
        name, listed = str(member["member-vnf-index"]), by_vnfd[member["vnfd-id-ref"]]
        vnf = {"name": name, "prices": [listed[url] for url in vims]}
        if name in pins: vnf["pin"] = vims[pins[name]]
        vnfs.append(vnf)
    links = []
    for vld in nsd["vld"]:
        ends = [str(c["member-vnf-index-ref"]) for c in vld["vnfd-connection-point-ref"]]
        if vld.get("mgmt-network", False) or len(ends) != 2: continue
        link = {"a": ends[0], "b": ends[1]}
        for c in vld.get("link-constraint", []): link[c["constraint-type"].lower()] = c["value"]
        links.append(link)
    return {"vims": vims, "latency": matrix("pil_latency"), "jitter": matrix("pil_jitter"),
            "price": matrix("pil_price"), "vnfs": vnfs, "links": links}


def four_vnfs(pins={}):
    """The case of PLA's tests with one-way tables: links count from the first VIM to a later one only."""
    above = lambda rows: [[0] * (n + 1) + row for n, row in enumerate(rows)]
    far = above([[50, 100, 150, 200], [100, 150, 200], [150, 200], [200], []])
    price = above([[5, 6, 6, 7], [6, 6, 7], [6, 7], [7], []])
    costs = {"1": [500, 51, 52, 53, 54], "2": [20, 21, 22, 23, 24], "3": [70, 71, 72, 73, 74], "4": [40, 41, 42, 43, 44]}
    vnfs = [{"name": n, "prices": c} | ({"pin": "abcde"[pins[n]]} if n in pins else {}) for n, c in costs.items()]
    links = [{"a": a, "b": b, "latency": l, "jitter": 30} for a, b, l in [("1", "2", 150), ("2", "3", 140), ("3", "4", 130)]]
    return {"vims": list("abcde"), "latency": far, "jitter": far, "price": price, "vnfs": vnfs, "links": links}


def make(data, out):
    urls = [f"http://10.234.12.{n}:5000/v3" for n in (47, 44, 46, 43)]
    more = urls + ["http://1.1.1.1:5000/v3"]
    cases = {"four": four_vnfs(), "four-pinned": four_vnfs({"1": 1, "3": 1})}
    for pil in ("price_list", "unittest1"):
        for nsd in ("nsd_unittest1", "nsd_unittest2", "test_five_nsd"):
            cases[f"{nsd}-{pil}"] = read_pla(data, "vnf_price_list.yaml", f"pil_{pil}.yaml", f"{nsd}.yaml", urls)
        for nsd in ("nsd_unittest1", "nsd_unittest2"):
            cases[f"{nsd}-{pil}-more"] = read_pla(
                data, "vnf_price_list_more_vims.yaml", f"pil_{pil}.yaml", f"{nsd}.yaml", more)
    # Members pinned, one far from what is cheap, and two that no link joins within the limits.
    cases["five-pinned"] = read_pla(data, "vnf_price_list.yaml", "pil_price_list.yaml", "test_five_nsd.yaml", urls, {"1": 3})
    cases["constrained-pinned"] = read_pla(data, "vnf_price_list.yaml", "pil_price_list.yaml", "nsd_unittest1.yaml", urls, {"3": 2})
    cases["five-none"] = read_pla(data, "vnf_price_list.yaml", "pil_price_list.yaml", "test_five_nsd.yaml", urls, {"2": 0, "3": 3})
    cases["apart-none"] = read_pla(
        data, "vnf_price_list_more_vims.yaml", "pil_unittest1.yaml", "nsd_unittest1.yaml", more, {"1": 0, "3": 4})
    for name, case in cases.items():
        json.dump(case, open(os.path.join(out, name + ".json"), "w"), indent=1)


def total(case, at):
    """Cost of a placement (VIM numbers by member), or None where it breaks something."""
    for v in case["vnfs"]:
        if "pin" in v and case["vims"][at[v["name"]]] != v["pin"]: return None
    cost = sum(v["prices"][at[v["name"]]] for v in case["vnfs"])
    for l in case["links"]:
        a, b = at[l["a"]], at[l["b"]]
        if any(key in l and case[key][a][b] > l[key] for key in ("latency", "jitter")): return None
        cost += case["price"][a][b]
    return cost


def by_enumeration(case):
    names = [v["name"] for v in case["vnfs"]]
    costs = (total(case, dict(zip(names, c))) for c in itertools.product(range(len(case["vims"])), repeat=len(names)))
    return min((c for c in costs if c is not None), default=None)


def by_minizinc(case):
    """PLA's model: an array per characteristic over an enumeration of VIMs, a variable per member that is not pinned."""
    n = len(case["vims"])
    grid = lambda table: "array2d(Vims, Vims, [" + ", ".join(str(x) for row in table for x in row) + "])"
    index = {v["name"]: k for k, v in enumerate(case["vnfs"])}
    lines = ["enum Vims = {" + ", ".join(f"v{k}" for k in range(n)) + "};"]
    lines += [f"array[Vims, Vims] of int: {key} = {grid(case[key])};" for key in ("latency", "jitter", "price")]
    for k, v in enumerate(case["vnfs"]):
        lines.append(f"array[Vims] of int: prices{k} = {v['prices']};")
        lines.append(f"Vims: VNF{k} = v{case['vims'].index(v['pin'])};" if "pin" in v else f"var Vims: VNF{k};")
    for l in case["links"]:
        lines += [f"constraint {key}[VNF{index[l['a']]}, VNF{index[l['b']]}] <= {l[key]};" for key in ("latency", "jitter") if key in l]
    used = [f"prices{k}[VNF{k}]" for k in range(len(case["vnfs"]))]
    used += [f"price[VNF{index[l['a']]}, VNF{index[l['b']]}]" for l in case["links"]]
    lines += ["var int: total = " + " + ".join(used) + ";", "solve minimize total;", 'output ["total=\\(total)"];']
    run = subprocess.run(["minizinc", "--solver", "gecode", "--input-from-stdin"], input="\n".join(lines),
                         capture_output=True, text=True)
    if "=====UNSATISFIABLE=====" in run.stdout: return None
    if "==========" not in run.stdout: raise SystemExit("minizinc: " + run.stdout + run.stderr)
    return int(run.stdout.split("total=")[-1].split()[0])


def judge(case, answer):
    case, answer = json.load(open(case)), json.load(open(answer))
    best = by_enumeration(case)
    if shutil.which("minizinc"):
        theirs = by_minizinc(case)
        if theirs != best: raise SystemExit(f"the judges disagree: {best} by enumeration, {theirs} by PLA's model")
    if best is None:
        if answer["status"] != "infeasible": raise SystemExit(f"nothing is admissible, the answer is {answer['status']}")
        print("none"); return
    if answer["status"] != "optimal": raise SystemExit(f"{answer['status']}, the optimum is {best}")
    number = {name: n for n, name in enumerate(case["vims"])}
    at = {v["name"]: number[answer["decisions"][v["name"]]["vim"]] for v in case["vnfs"]}
    cost, told = total(case, at), answer["objectives"][0]["value"]
    if not cost == told == best: raise SystemExit(f"optimum {best}, told {told}, recomputed {cost}")
    print(f"{best}: " + ", ".join(f"{name} on {n}" for name, n in at.items()))


if sys.argv[1:2] == ["make"] and len(sys.argv) == 4: make(*sys.argv[2:])
elif sys.argv[1:2] == ["judge"] and len(sys.argv) == 4: judge(*sys.argv[2:])
else: raise SystemExit(__doc__)
