class Row:
    __slots__ = ("kind", "country", "cores", "memory")
    def __init__(self, kind, country, cores, memory):
        self.kind, self.country, self.cores, self.memory = kind, country, cores, memory
def main():
    machines = [Row(n % 3, n % 7, n % 50, n % 200) for n in range(1000)]
    wishes = [Row(n % 3, n % 7, n % 40, n % 150) for n in range(2000)]
    count = sum(
        1 for w in wishes for m in machines
        if m.kind == w.kind and m.country != w.country and m.cores >= w.cores and m.memory >= w.memory)
    assert count == 235369
main()
