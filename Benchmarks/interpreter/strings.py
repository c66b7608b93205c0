def main():
    assert sum(len(f"vnf-{n}") for n in range(1000000)) == 9888890
main()
