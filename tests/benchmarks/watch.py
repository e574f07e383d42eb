"""Watch: a large file through watcher, hash and store beside `openssl dgst -sha256`, in turns; a new
file among many; and what watching costs while nothing happens.

WATCH_GIB (10) is the size of the file, WATCH_FILES (10000) how many are watched, WATCH_IDLE (300) the
seconds of idling."""

import json
import os
import pathlib
import statistics
import sys
import time

import measure

GIB = float(os.environ.get("WATCH_GIB", "10"))
FILES = int(os.environ.get("WATCH_FILES", "10000"))
IDLE = int(os.environ.get("WATCH_IDLE", "300"))
BLOCK = 1 << 20


def make_file(path, size):
    block = os.urandom(BLOCK)
    with open(path, "wb") as file:
        for number in range(size // BLOCK):
            file.write(number.to_bytes(8, "big") + block[8:])
        file.flush()
        os.fsync(file.fileno())


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    with measure.World("watch") as world:
        large = world.folder / "large"
        make_file(large, int(GIB * (1 << 30)))
        hashing, taking, growth = [], [], []
        for _ in range(measure.ROUNDS):
            start = time.monotonic()
            digest = world.run("openssl", "dgst", "-sha256", "-r", large).split()[0]
            hashing.append(time.monotonic() - start)
            row = json.loads(world.run(program, "large", world.folder, large))
            if row["version"] != f"sha256:{digest}":
                raise SystemExit(f"openssl says {digest}, the watcher {row['version']}")
            taking.append(row["seconds"])
            growth.append(row["memory_growth_kib"] / 1024)
        rate = GIB * 1024 / statistics.median(taking)
        ratio = statistics.median(hashed / taken for hashed, taken in zip(hashing, taking))
        print(f"{GIB:g} GiB: openssl dgst {statistics.median(hashing):.2f} s, watcher, hash and store "
              f"{statistics.median(taking):.2f} s ({rate:.0f} MiB/s), {100 * ratio:.0f} % of its speed, "
              f"memory grows by {max(growth):.0f} MiB")
        large.unlink()
        row = json.loads(world.run(program, "many", world.folder, FILES, IDLE))
        latencies = sorted(row["latencies"])
        cpu = 100 * row["idle_cpu_seconds"] / row["idle_seconds"]
        print(f"{FILES} watched files: a new one is an event after {1000 * statistics.median(latencies):.0f} ms "
              f"(slowest {1000 * latencies[-1]:.0f} ms); idle for {IDLE} s: {cpu:.2f} % of a core")


main()
