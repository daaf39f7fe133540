"""What every figure in docs/benchmarks is printed by: `python -m benchmarks.NAME`, from this
repository's top folder. README.md lists them."""
