"""Micro benchmarks: medians of Google Benchmark's repetitions, and ratios against the peer of a name."""

import json
import subprocess
import sys

import measure


def main():
    only = [f"--benchmark_filter={sys.argv[2]}"] if len(sys.argv) > 2 else []
    done = subprocess.run(
        [sys.argv[1], *only, f"--benchmark_repetitions={measure.ROUNDS}",
         "--benchmark_report_aggregates_only=true", "--benchmark_format=json",
         "--benchmark_enable_random_interleaving=true"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    times = {}
    for one in json.loads(done.stdout)["benchmarks"]:
        if one["aggregate_name"] == "median":
            name, way = one["run_name"].split("/", 1)
            times.setdefault(name, {})[way] = one["cpu_time"] / 1e3  # reported in ns
    rows = []
    for name, ways in times.items():
        ours = ways.pop("failgate")
        if not ways:
            rows.append([name, measure.number(ours), "", ""])
        for peer, theirs in ways.items():
            rows.append([name, measure.number(ours), f"{measure.number(theirs)} ({peer})",
                         f"{theirs / ours:.2f}x"])
    measure.table(f"micro: CPU us each, medians of {measure.ROUNDS}; ratio = peer / failgate",
                  ["what", "failgate", "peer", "ratio"], rows)


if __name__ == "__main__":
    main()
