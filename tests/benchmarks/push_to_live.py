"""Push to live: from the end of `git push` until the link names what was pushed.

The peer is what people write by hand: a post-receive hook that checks out, runs the same test and moves
a symbolic link; no gate, no log, no sandbox, nothing durable. Both hooks return at once and work in the
background, so that the push itself costs the same. The difference is the price of what failgate adds."""

import os
import pathlib
import re
import sys
import time

import measure

PIPELINE = """project: shop
steps:
  - name: unit
    level: unit
    run: sh test.sh && mkdir -p out && cp -r app out/app
    artifacts: [{name: app, path: out/app}]
"""
TEST = 'test "$(wc -l < app/version)" -eq 1\n'


class ByHand:
    name = "by hand"

    def __init__(self, world):
        self.bare, self.clone = world.repository("plain")
        folder = world.folder
        self.live = folder / "plain-live/shop"
        # A script of its own: a shell's function in the background would hold the push's pipes open.
        measure.write(folder / "deploy.sh", f"""set -e
version={folder}/plain-live/versions/$1
mkdir -p "$version"
git archive "$1" | tar -x -C "$version"
cd "$version" && sh test.sh
ln -s "$version/app" {self.live}.new
mv -T {self.live}.new {self.live}
""")
        measure.write(self.bare / "hooks/post-receive", f"""#!/bin/sh
read -r _ new _
sh {folder}/deploy.sh "$new" >{folder}/plain.log 2>&1 </dev/null &
""", 0o755)
        (folder / "plain-live/versions").mkdir(parents=True)

    def version(self):
        return self.live / "version"

    def stop(self):
        pass


class Ours:
    name = "failgate"

    def __init__(self, world, program):
        folder = world.folder
        self.bare, self.clone = world.repository("shop")
        measure.write(self.clone / "failgate.yaml", PIPELINE)
        self.live = folder / "live/shop"
        (folder / "live").mkdir()
        _, operations = world.repository("operations")
        measure.write(operations / "environments/dev/environment.yaml", "policy: deployment\ngates: none\n")
        measure.write(operations / "environments/dev/shop.yaml", f"""deploy:
  - name: app
    directory: {{path: {self.live}, artifacts: [app]}}
""")
        for command in (["add", "-A"], ["commit", "-q", "-m", "Begin"], ["push", "-q", "origin", "main"]):
            world.run("git", *command, cwd=operations)
        world.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / "signing_key")
        measure.write(folder / "hook-secret", "a secret that is only used here\n", 0o600)
        # The peer has no sandbox; where this machine cannot give one neither has ours, and says so.
        self.sandbox = os.environ.get("BENCHMARK_SANDBOX", "required")
        measure.write(folder / "server.yaml", f"""controller: benchmark
listen: {{address: 127.0.0.1, port: 0}}
data_dir: {folder}/data
operations:
  url: {folder}/operations.git
  signing_key: {{file: signing_key}}
sources:
  - name: shop
    url: {self.bare}
    projects: [shop]
    webhook: {{provider: github, secrets: [{{file: hook-secret}}]}}
runner: {{kind: local, sandbox: {self.sandbox}, parallel: 2}}
targets: {{allow: [directory], directory: {{roots: [{folder}/live]}}}}
""")
        self.process = world.start("server.log", program, "serve", "--config", folder / "server.yaml")
        port = measure.wait_for("failgate serve", lambda: self._port(folder / "server.log"))
        measure.write(self.bare / "hooks/post-receive", f"""#!/bin/sh
pushed=$(cat)
printf '%s\\n' "$pushed" | {program} hook http://127.0.0.1:{port}/hooks/shop \\
  --secret-file {folder}/hook-secret --provider github >{folder}/hook.log 2>&1 &
""", 0o755)

    def _port(self, log):
        text = log.read_text(encoding="utf-8", errors="replace")
        if self.process.poll() is not None:
            raise SystemExit(text)
        found = re.search(r"listening on [^ ]+:(\d+)\n", text)
        return found and found.group(1)

    def version(self):
        return self.live / "app/version"

    def stop(self):
        self.process.terminate()
        self.process.wait()


def push(world, way, number):
    """Seconds of the push, and from its end to the moment the link shows the new version."""
    measure.write(way.clone / "app/version", f"{number}\n")
    measure.write(way.clone / "test.sh", TEST)
    world.run("git", "add", "-A", cwd=way.clone)
    world.run("git", "commit", "-q", "-m", f"Version {number}", cwd=way.clone)
    begin = time.monotonic()
    world.run("git", "push", "-q", "origin", "main", cwd=way.clone)
    pushed = time.monotonic()

    def live():
        try:
            return way.version().read_text(encoding="ascii") == f"{number}\n"
        except OSError:
            return False

    try:
        measure.wait_for(f"{way.name}: version {number}", live)
    except SystemExit as error:
        log = world.folder / "server.log"
        tail = log.read_text(encoding="utf-8", errors="replace")[-4000:] if log.exists() else ""
        raise SystemExit(f"{error}\n{tail}") from error
    return pushed - begin, time.monotonic() - pushed


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    with measure.World("push") as world:
        ways = [Ours(world, program), ByHand(world)]
        times = {way.name: [] for way in ways}
        try:
            # The first push of each makes what stays; it is not counted.
            for number in range(measure.ROUNDS + 1):
                for way in ways:
                    seconds = push(world, way, number)
                    if number > 0:
                        times[way.name].append(seconds)
        finally:
            for way in ways:
                way.stop()
    rows = []
    for way in ways:
        rows.append([way.name] + [measure.number(measure.median([one[i] for one in times[way.name]]) * 1e3)
                                  for i in (0, 1)])
    pairs = zip(times["failgate"], times["by hand"])
    rows.append(["ratio", "", f"{measure.median([ours[1] / hand[1] for ours, hand in pairs]):.1f}x"])
    measure.table(
        f"push to live, sandbox {ways[0].sandbox}: medians of {measure.ROUNDS} pushes, ms",
        ["way", "git push", "end of push to link"], rows)


if __name__ == "__main__":
    main()
