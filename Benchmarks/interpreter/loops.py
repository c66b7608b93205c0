def main():
    total = 0
    for x in range(1, 20000001):
        total += x * x % 7
    assert total == 40000002
main()
