def main():
    numbers = list(range(1, 1000001))
    assert sum(len([x * 2 + r for x in numbers if x % 3 == 0]) for r in range(1, 11)) == 3333330
main()
