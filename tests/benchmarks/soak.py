"""Soak: thousands of real pushes through one life of the server; does it grow?

Every push has its webhook; after each batch the newest one must be live, so that runs, releases, facts
and deployments go on all the time. Resident memory, threads and descriptors are read after each tenth
of the pushes, when the last batch is live."""

import os
import pathlib
import sys
import time

import measure
import push_to_live

PUSHES = int(os.environ.get("SOAK_PUSHES", "10000"))
BATCH = 10


def resident_mib(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def size_mib(folder):
    return sum(file.stat().st_blocks * 512 for file in folder.rglob("*") if file.is_file()) / 2 ** 20


def facts(world):
    return int(world.run("git", "rev-list", "--count", "deploy-log", cwd=world.folder / "operations.git"))


def push_only(world, ours, number):
    measure.write(ours.clone / "app/version", f"{number}\n")
    world.run("git", "commit", "-q", "-a", "-m", f"Version {number}", cwd=ours.clone)
    world.run("git", "push", "-q", "origin", "main", cwd=ours.clone)


def row(world, ours, number, begin):
    pid = ours.process.pid
    return [f"{number:,}", f"{resident_mib(pid):.1f}", len(os.listdir(f"/proc/{pid}/task")),
            len(os.listdir(f"/proc/{pid}/fd")), f"{facts(world):,}",
            f"{size_mib(world.folder / 'data'):.0f}", f"{time.monotonic() - begin:.0f}"]


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    begin = time.monotonic()
    rows = []
    with measure.World("soak") as world:
        ours = push_to_live.Ours(world, program)
        try:
            for number in range(1, PUSHES + 1):
                if number == 1 or number % BATCH == 0 or number == PUSHES:
                    push_to_live.push(world, ours, number)
                else:
                    push_only(world, ours, number)
                if number % max(PUSHES // 10, 1) == 0:
                    rows.append(row(world, ours, number, begin))
                    print(f"soak: {number} pushes, {rows[-1][1]} MiB", file=sys.stderr, flush=True)
        finally:
            ours.stop()
    measure.table(f"soak: {PUSHES:,} pushes, one life of the server",
                  ["pushes", "RSS MiB", "threads", "files", "facts", "data MiB", "s"], rows)
    if len(rows) > 1:
        print(f"  from the second tenth to the end: {float(rows[-1][1]) / float(rows[1][1]):.2f}x")


main()
