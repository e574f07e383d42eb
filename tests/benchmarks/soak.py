"""Soak: thousands of real pushes through one life of the server; does it grow?

Several sources are pushed to at the same time, round by round: each push has its webhook, its run of one
step, its release and its deployment, and a round ends when all of it is live. So facts of several sources
share a push of the log, as they do where much happens. Resident memory (all, and what is not a page of
some file), threads and descriptors are read at the end of each tenth."""

import concurrent.futures
import os
import pathlib
import re
import sys
import time

import measure

PUSHES = int(os.environ.get("SOAK_PUSHES", "10000"))
SOURCES = int(os.environ.get("SOAK_SOURCES", "8"))
# "none" where this machine cannot give a sandbox; the table says which it was.
SANDBOX = os.environ.get("BENCHMARK_SANDBOX", "required")
PIPELINE = """project: {name}
steps:
  - name: build
    level: build
    run: cp -r app built
    artifacts: [{{name: app, path: built}}]
"""


class Source:
    """A repository that is pushed to, and what of it is live."""

    def __init__(self, world, number):
        self.world, self.name = world, f"shop{number}"
        self.bare, self.clone = world.repository(self.name)
        measure.write(self.clone / "failgate.yaml", PIPELINE.format(name=self.name))
        self.live = world.folder / "live" / self.name

    def configuration(self):
        return (f"  - name: {self.name}\n    url: {self.bare}\n    projects: [{self.name}]\n"
                "    webhook: {provider: github, secrets: [{file: hook-secret}]}\n")

    def install_hook(self, program, port):
        measure.write(self.bare / "hooks/post-receive", f"""#!/bin/sh
pushed=$(cat)
printf '%s\\n' "$pushed" | {program} hook http://127.0.0.1:{port}/hooks/{self.name} \\
  --secret-file {self.world.folder}/hook-secret --provider github >{self.bare}/hook.log 2>&1 &
""", 0o755)

    def push(self, number):
        """Returns when the version is live."""
        version = f"{number}\n"
        measure.write(self.clone / "app/version", version)
        if number == 1:
            self.world.run("git", "add", "-A", cwd=self.clone)
        self.world.run("git", "commit", "-q", "-a", "-m", f"Version {number}", cwd=self.clone)
        self.world.run("git", "push", "-q", "origin", "main", cwd=self.clone)

        def live():
            try:
                return (self.live / "app/version").read_text(encoding="ascii") == version
            except OSError:
                return False

        measure.wait_for(f"{self.name}: version {number}", live, seconds=120, every=0.005)


class Server:
    def __init__(self, world, program, sources):
        folder = world.folder
        self.world = world
        (folder / "live").mkdir()
        _, operations = world.repository("operations")
        measure.write(operations / "environments/dev/environment.yaml", "policy: deployment\ngates: none\n")
        for source in sources:
            measure.write(operations / f"environments/dev/{source.name}.yaml",
                          "deploy:\n  - name: app\n"
                          f"    directory: {{path: {source.live}, artifacts: [app]}}\n")
        for command in (["add", "-A"], ["commit", "-q", "-m", "Begin"], ["push", "-q", "origin", "main"]):
            world.run("git", *command, cwd=operations)
        world.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / "signing_key")
        measure.write(folder / "hook-secret", "a secret that is only used here\n", 0o600)
        measure.write(folder / "server.yaml", f"""controller: benchmark
listen: {{address: 127.0.0.1, port: 0}}
data_dir: {folder}/data
operations:
  url: {folder}/operations.git
  signing_key: {{file: signing_key}}
sources:
{"".join(source.configuration() for source in sources)}runner: {{kind: local, sandbox: {SANDBOX}, parallel: 2}}
targets: {{allow: [directory], directory: {{roots: [{folder}/live]}}}}
""")
        self.process = world.start("server.log", program, "serve", "--config", folder / "server.yaml")
        self.port = measure.wait_for("failgate serve", self._port)

    def _port(self):
        text = (self.world.folder / "server.log").read_text(encoding="utf-8", errors="replace")
        if self.process.poll() is not None:
            raise SystemExit(text)
        found = re.search(r"listening on [^ ]+:(\d+)\n", text)
        return found and found.group(1)

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def row(self, pushes, begin):
        pid = self.process.pid
        status = dict(line.split(":", 1) for line in
                      pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines())
        mib = [int(status[key].split()[0]) / 1024 for key in ("VmRSS", "RssAnon")]
        facts = self.world.run("git", "rev-list", "--count", "deploy-log",
                               cwd=self.world.folder / "operations.git")
        return [f"{pushes:,}", *(f"{value:.1f}" for value in mib), len(os.listdir(f"/proc/{pid}/task")),
                len(os.listdir(f"/proc/{pid}/fd")), f"{int(facts):,}",
                f"{size_mib(self.world.folder / 'data'):.0f}", f"{time.monotonic() - begin:.0f}"]


def size_mib(folder):
    total = 0
    for file in folder.rglob("*"):
        try:
            total += file.stat().st_blocks * 512 if file.is_file() else 0
        except OSError:
            pass  # it went while we looked
    return total / 2 ** 20


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    begin = time.monotonic()
    rows = []
    rounds = max(PUSHES // SOURCES, 1)
    with measure.World("soak") as world:
        sources = [Source(world, number) for number in range(SOURCES)]
        server = Server(world, program, sources)
        for source in sources:
            source.install_hook(program, server.port)
        try:
            with concurrent.futures.ThreadPoolExecutor(SOURCES) as pool:
                for number in range(1, rounds + 1):
                    list(pool.map(lambda source, number=number: source.push(number), sources))
                    if number * 10 // rounds > (number - 1) * 10 // rounds:
                        rows.append(server.row(number * SOURCES, begin))
                        print(f"soak: {rows[-1][0]} pushes, {rows[-1][1]} MiB", file=sys.stderr, flush=True)
        except SystemExit as error:
            log = (world.folder / "server.log").read_text(encoding="utf-8", errors="replace")
            raise SystemExit(f"{error}\n{log[-4000:]}") from error
        finally:
            server.stop()
    measure.table(f"soak: {rounds * SOURCES:,} pushes to {SOURCES} sources, one life of the server, sandbox {SANDBOX}",
                  ["pushes", "RSS MiB", "not of files", "threads", "files", "facts", "data MiB", "s"], rows)
    if len(rows) > 1:
        print(f"  from the second tenth to the end: {float(rows[-1][1]) / float(rows[1][1]):.2f}x")


if __name__ == "__main__":
    main()
