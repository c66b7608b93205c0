#!/usr/bin/env python3
"""Instances of MiniZinc's `wordpress` and `zephyrus` as the policies read them, and the judge of the answers.

usage: instance.py wordpress OFFERS.dzn WORDPRESSES OUT.json   offers and components of WordPress_OffersN.dzn
       instance.py zephyrus INSTANCE.dzn OUT.json
       instance.py judge INSTANCE.json ANSWER                  by its machines and locations one by one; shows the price
"""
import json, re, sys


def read(path):
    text = re.sub(r"%.*", "", open(path).read())
    values = {}
    for name, value in re.findall(r"(\w+)\s*=\s*([^;]*);", text):
        value = value.strip()
        if value.startswith("[|"):
            rows = [row.strip(" \n\t,") for row in value[2:-2].split("|")]
            values[name] = [[cell(c) for c in row.split(",")] for row in rows if row]
        elif value.startswith("["): values[name] = [cell(c) for c in value[1:-1].split(",")]
        elif ".." in value: values[name] = int(value.split("..")[1])
        else: values[name] = int(value)
    return values


def cell(text): return {"true": 1, "false": 0}.get(text.strip()) if text.strip() in ("true", "false") else int(text)


def wordpress(path, wanted):
    data = read(path)
    names = ["wordpress", "mysql", "dns", "http", "varnish"]
    # As many machines as there are components where each has its own: more are never of use.
    machines = wanted + -(-2 * wanted // 3) + 2 + (1 if wanted <= 7 else -(-wanted // 3))
    return {"family": "wordpress", "wordpress": wanted, "machines": machines,
            "offers": [dict(zip(("cpu", "memory", "storage", "price"), [*s, p]))
                       for s, p in zip(data["VMSpecs"], data["VMPrice"])],
            "components": [dict(zip(("name", "cpu", "memory", "storage"), [n, *r]))
                           for n, r in zip(names, data["CompREQ"])]}


def zephyrus(path):
    """Ports are folded into what provides them; refuses an instance where that is not one component each."""
    data = read(path)
    needs, provide, multi = data["requirement_port_nums"], data["provide_port_nums"], data["multi_provides"]
    components = range(data["comps"])
    def providers(port):
        return [(c, m) for c in components for m in range(len(multi)) if multi[m][port] and provide[c][m]]
    rows = []
    for c in components:
        for port, number in enumerate(needs[c]):
            if number == 0: continue
            if len(providers(port)) != 1 or providers(port)[0][0] == c: raise SystemExit("not of that shape")
            other, m = providers(port)[0]
            rows.append({"by": c, "of": other, "number": number,
                         **({} if provide[other][m] < 0 else {"serves": provide[other][m]})})
    # A component that bears no other that provides what it does, itself included, is never deployed.
    for c in components:
        for port, hates in enumerate(data["conflicts"][c]):
            if hates and [p for p, _ in providers(port)] != [c]: raise SystemExit("not of that shape")
    entries = [c for c in components[:2] if not any(data["conflicts"][c])]
    if len(entries) != 1: raise SystemExit("not of that shape")
    return {"family": "zephyrus", "needs": [r for r in rows if not any(data["conflicts"][r["by"]])],
            "components": [{"memory": r[0], "is_entry": c in entries, "is_alone": c >= 2}
                           for c, r in enumerate(data["resource_consumptions"])],
            "locations": [{"memory": r[0], "price": p}
                          for r, p in zip(data["resource_provisions"], data["costs"])]}


def judge(instance, answer):
    decisions, told = answer["decisions"], answer["objectives"][0]
    if told["bound"] != told["value"]: raise SystemExit(f"{told['value']} is not proved, bound {told['bound']}")
    if instance["family"] == "wordpress":
        kinds = {"dns": (0, 0, 1, 0, 0), "http": (0, 0, 0, 1, 0)}
        machines = []
        for name, values in decisions.items():
            mix = kinds.get(name) or (int(name[0]), int(name[1]), 0, 0, int(name[2]))
            machines += [mix] * int(values["machines"])
        if len(machines) > instance["machines"]: raise SystemExit("too many machines")
        price = 0
        for mix in machines:
            if sum(mix) > 1 and (mix[2] or mix[3] or mix[1] and mix[4]): raise SystemExit(f"conflict in {mix}")
            need = {k: sum(n * c[k] for n, c in zip(mix, instance["components"])) for k in ("cpu", "memory", "storage")}
            price += min(o["price"] for o in instance["offers"] if all(o[k] >= need[k] for k in need))
        w, q, d, h, v = (sum(m[n] for m in machines) for n in range(5))
        if w < instance["wordpress"] or q < 2 or v < 2 or 2 * w > 3 * q or d > 1: raise SystemExit("too few")
        if (d > 0) == (h > 0) or w > (7 * d if d else 3 * h): raise SystemExit("not balanced")
    else:
        runs = {}
        for name, values in decisions.items():
            if "location" not in values: continue
            runs.setdefault(int(values["location"][1:]), []).append(int(name[1:].split("-")[0]))
        total = [sum(cs.count(c) for cs in runs.values()) for c in range(len(instance["components"]))]
        price = sum(instance["locations"][l]["price"] for l in runs)
        for l, cs in runs.items():
            if sum(instance["components"][c]["memory"] for c in cs) > instance["locations"][l]["memory"] or any(
                    cs.count(c) > 1 for c in cs if instance["components"][c]["is_alone"]): raise SystemExit(f"{l}: {cs}")
        if not any(n for n, c in zip(total, instance["components"]) if c["is_entry"]): raise SystemExit("not entered")
        for n in instance["needs"]:
            mine, theirs = total[n["by"]], total[n["of"]]
            if mine and theirs < n["number"] or "serves" in n and n["number"] * mine > n["serves"] * theirs:
                raise SystemExit(f"unserved: {n}")
    if price != told["value"]: raise SystemExit(f"costs {price}, told {told['value']}")
    return price


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["wordpress", path, wanted, out]: json.dump(wordpress(path, int(wanted)), open(out, "w"))
        case ["zephyrus", path, out]: json.dump(zephyrus(path), open(out, "w"))
        case ["judge", path, answer]: print(judge(json.load(open(path)), json.load(open(answer))))
        case _: raise SystemExit(__doc__)
