def main():
    squares = {n: n * n for n in range(1000)}
    assert sum(squares.get(n % 1000, 0) for n in range(5000000)) == 1664167500000
main()
