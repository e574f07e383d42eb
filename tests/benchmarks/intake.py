"""Intake: signed GitHub pushes over HTTP, ours durable before the answer, Debian's webhook as the peer.

The peer checks the same signature and a rule on `ref` that does not match, so that it runs nothing and
keeps nothing. Ours parses the push, writes it to disk and queues it. Both are started anew for each
measurement, in turn, so that neither works off what came before while the other is measured."""

import hashlib
import hmac
import json
import os
import pathlib
import random
import re
import subprocess
import sys

import measure

SECRET = "a secret that is only used here"
SECONDS = int(os.environ.get("BENCHMARK_SECONDS", "5"))
HERE = pathlib.Path(__file__).resolve().parent

# name, bytes of a body, bodies in the pool, connections, a new connection for each request
LOADS = [
    ("8 KB, 16 connections", 8 * 1024, 256, 16, False),
    ("8 KB, 64 connections", 8 * 1024, 256, 64, False),
    ("8 KB, 16, new connection each", 8 * 1024, 256, 16, True),
    ("200 KB, 16 connections", 200 * 1024, 24, 16, False),
    ("200 KB, 64 connections", 200 * 1024, 24, 64, False),
]


def push_body(size, clone_url, chance):
    """A push as GitHub words it, with as many commits as fit into `size`."""
    name = HERE.parent / "data/webhooks/github/push_ordinary.json"
    push = json.loads(name.read_text(encoding="utf-8"))
    push["ref"] = "refs/heads/main"
    push["repository"]["clone_url"] = clone_url
    sample, push["commits"] = push["commits"][0], []
    while True:
        commit = dict(sample)
        commit["id"] = f"{chance.getrandbits(160):040x}"
        commit["tree_id"] = f"{chance.getrandbits(160):040x}"
        commit["url"] = f"https://github.com/acme/churn/commit/{commit['id']}"
        commit["modified"] = [f"src/part_{chance.randrange(999)}/file_{i}.py" for i in range(10)]
        push["commits"].append(commit)
        text = json.dumps(push, separators=(",", ":")).encode()
        if len(text) > size:
            push["commits"].pop()
            break
    push["after"] = f"{chance.getrandbits(160):040x}"
    return json.dumps(push, separators=(",", ":")).encode()


def write_pool(path, size, count, clone_url):
    chance = random.Random(size)
    with open(path, "wb") as pool:
        for _ in range(count):
            body = push_body(size, clone_url, chance)
            proof = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
            pool.write(f"{len(body)} {proof}\n".encode() + body)


class Ours:
    name = "failgate"

    def __init__(self, world, program):
        self.world, self.program, self.count = world, program, 0
        self.source, clone = world.repository("churn")
        measure.write(clone / "README.md", "Nothing to run here.\n")
        self._push(clone)
        _, operations = world.repository("operations")
        measure.write(
            operations / "environments/dev/environment.yaml", "policy: deployment\ngates: none\n")
        self._push(operations)
        measure.write(world.folder / "hook-secret", SECRET + "\n", 0o600)
        world.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", world.folder / "signing_key")

    def _push(self, clone):
        self.world.run("git", "add", "-A", cwd=clone)
        self.world.run("git", "commit", "-q", "-m", "Begin", cwd=clone)
        self.world.run("git", "push", "-q", "origin", "main", cwd=clone)

    def start(self):
        """A fresh data directory each time; no limit of the queue may end the measurement."""
        self.count += 1
        folder = self.world.folder
        # A log belongs to one data directory and instance: each start gets its own copy.
        self.world.run("git", "clone", "-q", "--bare", "operations.git",
                       f"operations-{self.count}.git")
        measure.write(folder / "server.yaml", f"""controller: benchmark
listen: {{address: 127.0.0.1, port: 0}}
data_dir: {folder}/data-{self.count}
operations:
  url: {folder}/operations-{self.count}.git
  signing_key: {{file: signing_key}}
sources:
  - name: churn
    url: {self.source}
    projects: [churn]
    webhook: {{provider: github, secrets: [{{file: hook-secret}}]}}
runner: {{kind: local, sandbox: none, parallel: 1}}
targets: {{allow: [directory], directory: {{roots: [{folder}/live]}}}}
limits: {{max_queued_deliveries: 10000000, max_queued_bytes: 64GiB}}
""")
        log = f"ours-{self.count}.log"
        process = self.world.start(log, self.program, "serve", "--config", folder / "server.yaml")

        def port():
            if process.poll() is not None:
                raise SystemExit((folder / log).read_text(encoding="utf-8", errors="replace"))
            found = re.search(r"listening on [^ ]+:(\d+)\n",
                              (folder / log).read_text(encoding="utf-8", errors="replace"))
            return found and int(found.group(1))

        return process, measure.wait_for("failgate serve", port)


class Peer:
    name = "webhook"

    def __init__(self, world):
        self.world = world
        rules = [
            {"match": {"type": "payload-hmac-sha256", "secret": SECRET,
                       "parameter": {"source": "header", "name": "X-Hub-Signature-256"}}},
            {"match": {"type": "value", "value": "refs/heads/another",
                       "parameter": {"source": "payload", "name": "ref"}}},
        ]
        hooks = [{"id": "churn", "execute-command": "/bin/true", "trigger-rule": {"and": rules}}]
        measure.write(world.folder / "hooks.json", json.dumps(hooks))

    def start(self):
        port = measure.free_port()
        process = self.world.start("peer.log", "webhook", "-hooks", self.world.folder / "hooks.json",
                                   "-ip", "127.0.0.1", "-port", port)
        measure.wait_for("webhook", lambda: measure.accepts(port))
        return process, port


def load(world, server, pool, connections, closing, prefix):
    process, port = server.start()
    try:
        before = measure.cpu_seconds(process.pid)
        text = world.run("wrk", "-t1", f"-c{connections}", f"-d{SECONDS}s", "--timeout", "10s",
                         "-s", HERE / "intake.lua", f"http://127.0.0.1:{port}/hooks/churn",
                         "--", pool, "close" if closing else "keep", prefix)
        result = json.loads(text[text.rindex("{"):])
        result["cpu_us"] = (measure.cpu_seconds(process.pid) - before) / result["requests"] * 1e6
        result["rate"] = (result["requests"] - result["refused"]) / result["seconds"]
        result["peak_mib"] = measure.peak_mib(process.pid)
        return result
    finally:
        process.kill()
        process.wait()


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    rows = []
    with measure.World("intake") as world:
        ours, peer = Ours(world, program), Peer(world)
        for name, size, count, connections, closing in LOADS:
            pool = world.folder / f"pool-{size}"
            if not pool.exists():
                write_pool(pool, size, count, str(ours.source))
            runs = {ours.name: [], peer.name: []}
            for round_ in range(measure.ROUNDS):
                for server in (peer, ours):
                    runs[server.name].append(
                        load(world, server, pool, connections, closing, f"{size}-{round_}"))
            rows.extend(rows_of(name, runs))
    measure.table(
        f"intake: medians of {measure.ROUNDS} runs of {SECONDS} s; ratio = failgate / webhook of the same run",
        ["load", "server", "req/s", "p50 ms", "p99 ms", "CPU us/req", "peak MiB", "refused", "broken"],
        rows)


def rows_of(name, runs):
    keys = ["rate", "p50_ms", "p99_ms", "cpu_us", "peak_mib"]
    rows, ratios = [], [name, "ratio"]
    for server in ("failgate", "webhook"):
        cells = [measure.number(measure.median([run[key] for run in runs[server]])) for key in keys]
        totals = [sum(run[key] for run in runs[server]) for key in ("refused", "broken")]
        rows.append([name, server] + cells + totals)
    for key in keys:
        pairs = zip(runs["failgate"], runs["webhook"])
        ratio = measure.median([ours[key] / max(peer[key], 1e-9) for ours, peer in pairs])
        ratios.append(f"{ratio:.2f}x")
    return rows + [ratios + ["", ""]]


if __name__ == "__main__":
    try:
        main()
    except subprocess.SubprocessError as error:
        sys.exit(str(error))
