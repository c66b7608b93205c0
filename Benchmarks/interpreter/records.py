class Point:
    __slots__ = ("x", "y", "label")
    def __init__(self, x, y, label):
        self.x, self.y, self.label = x, y, label
def main():
    points = [Point(n, n * 2, "p") for n in range(1, 1000001)]
    assert sum(p.x + p.y for p in points) == 1500001500000
main()
