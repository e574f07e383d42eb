"""How long a good delivery waits while thousands of clients misuse the front, and what that costs in memory.

Each delivery comes on a new connection, signed and with an id of its own; its time is from connect to the
202. Alone and among each crowd in the same run; the crowds are processes of their own on the same CPUs."""

import hashlib
import hmac
import http.client
import pathlib
import resource
import subprocess
import sys
import time

import intake
import measure

HERE = pathlib.Path(__file__).resolve().parent
DELIVERIES = 200
CROWDS = [
    ("5,000 drip heads and bodies", [("heads", 2500), ("bodies", 2500)]),
    ("10,000 idle", [("idle", 10000)]),
    ("1,000 bodies of 25 MiB", [("floods", 1000)]),
    ("1,000 bodies that stop at their end", [("keepers", 1000)]),
]


def deliver(port, bodies, prefix):
    """Milliseconds each of the deliveries took."""
    times = []
    for i in range(DELIVERIES):
        body, proof = bodies[i % len(bodies)]
        begun = time.perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("POST", "/hooks/churn", body, {
            "Content-Type": "application/json", "X-GitHub-Event": "push",
            "X-GitHub-Delivery": f"{prefix}-{i}", "X-Hub-Signature-256": f"sha256={proof}"})
        answer = connection.getresponse()
        answer.read()
        times.append((time.perf_counter() - begun) * 1000)
        connection.close()
        if answer.status != 202:
            raise SystemExit(f"a good delivery was answered {answer.status} ({prefix})")
    return times


def resident_mib(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def connections_of(pid):
    count = 0
    for entry in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        try:
            count += str(entry.readlink()).startswith("socket:")
        except OSError:
            pass
    return count


def among(kinds, port, work):
    crowd = [subprocess.Popen([sys.executable, str(HERE / "crowd.py"), kind, str(count), str(port)],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE) for kind, count in kinds]
    try:
        for process in crowd:
            if process.stdout.readline() != b"ready\n":
                raise SystemExit("a crowd did not come together")
        time.sleep(1)
        return work()
    finally:
        for process in crowd:
            process.stdin.close()
            process.kill()
            process.wait()


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    rows = []
    with measure.World("hostile") as world:
        ours = intake.Ours(world, program)
        bodies = []
        chance = intake.random.Random(1)
        for _ in range(32):
            body = intake.push_body(8 * 1024, str(ours.source), chance)
            bodies.append((body, hmac.new(intake.SECRET.encode(), body, hashlib.sha256).hexdigest()))
        for name, kinds in CROWDS:
            alone, crowded, extra, peaks, back = [], [], [], [], []
            for round_ in range(measure.ROUNDS):
                process, port = ours.start()
                try:
                    deliver(port, bodies, f"warm-{round_}")
                    sockets = connections_of(process.pid)
                    alone.append(measure.median(deliver(port, bodies, f"alone-{round_}")))
                    crowded.append(measure.median(
                        among(kinds, port, lambda: deliver(port, bodies, f"crowd-{round_}"))))
                    extra.append(crowded[-1] - alone[-1])
                    peaks.append(measure.peak_mib(process.pid))
                    measure.wait_for("the end of the crowd's connections",
                                     lambda: connections_of(process.pid) <= sockets, 90)
                    back.append(resident_mib(process.pid))
                finally:
                    process.kill()
                    process.wait()
            rows.append([name] + [measure.number(measure.median(x)) for x in
                                  (alone, crowded, extra, peaks, back)])
    measure.table(
        f"hostile clients: medians of {measure.ROUNDS} runs of {DELIVERIES} deliveries of 8 KB",
        ["crowd", "alone ms", "in the crowd ms", "more ms", "peak MiB", "MiB afterwards"], rows)


if __name__ == "__main__":
    main()
