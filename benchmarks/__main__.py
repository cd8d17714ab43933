"""``python -m benchmarks [NAME ...]``: measure, print the ratios, keep them in results.json."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks import asof, intervals, kept, mutants, nights, rivals, scale, scores, shares, windows
from benchmarks.measure import save, show
from tillthen.runtime.session import spark_session

HERE = Path(__file__).parent
DATA = HERE.parent / "warehouse" / "benchmarks"
EVENTS = 5_000_000
PARTS = {
    "windows": lambda spark: windows.few(spark, DATA, EVENTS),
    "wide": lambda spark: windows.many(spark, DATA, EVENTS),
    "kept": lambda spark: kept.benchmark(spark, DATA),
    "shares": lambda spark: shares.benchmark(spark, DATA, EVENTS),
    "rivals": lambda spark: rivals.benchmark(spark, DATA),
    "scale": lambda spark: scale.benchmark(spark, DATA),
    "nights": lambda spark: nights.benchmark(spark, DATA),
    "asof": lambda spark: asof.benchmark(spark, DATA),
    "intervals": lambda _: intervals.benchmark(DATA),
    "scores": lambda _: scores.benchmark(DATA),
    "mutants": lambda _: mutants.benchmark(DATA),
}


def main(names: list[str]) -> int:
    """Run the named parts, or all; exit code 1 where an aim was missed."""
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        print(f"Unknown: {', '.join(unknown)}. Expected of {', '.join(PARTS)}.", file=sys.stderr)
        return 2
    spark = spark_session({"spark.driver.memory": "3g"}, app="benchmarks")
    missed = False
    for name in names or PARTS:
        print(f"{name}:", flush=True)
        results = PARTS[name](spark)
        save(HERE / "results.json", results)
        print(show(results), flush=True)
        missed |= any(result.holds is False for result in results)
    return int(missed)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
