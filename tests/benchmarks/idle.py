"""Idle: a server with a thousand polled sources in which nothing happens; what does waiting cost?

Counted is the server's own CPU; the git children that ask the remotes are shown beside it."""

import os
import pathlib
import re
import shutil
import sys
import time

import measure

SOURCES = int(os.environ.get("IDLE_SOURCES", "1000"))
SECONDS = int(os.environ.get("IDLE_SECONDS", "300"))
# Nothing that is pushed to main is run: the first look must not start a thousand runs.
PIPELINE = """project: {name}
triggers:
  code: {{branches: [release]}}
steps:
  - name: unit
    level: unit
    run: "true"
"""


def children_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[13]) + int(fields[14])) / measure.CLOCK_TICKS


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    with measure.World("idle") as world:
        folder = world.folder
        _, operations = world.repository("operations")
        measure.write(operations / "environments/dev/environment.yaml", "policy: deployment\ngates: none\n")
        bare, clone = world.repository("model")
        measure.write(clone / "failgate.yaml", PIPELINE.format(name="model"))
        for work in (operations, clone):
            for command in (["add", "-A"], ["commit", "-q", "-m", "Begin"], ["push", "-q", "origin", "main"]):
                world.run("git", *command, cwd=work)
        world.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / "signing_key")
        sources = ""
        for number in range(SOURCES):
            shutil.copytree(bare, folder / f"s{number}.git", copy_function=os.link)
            sources += f"  - {{name: s{number}, url: {folder}/s{number}.git, projects: [s{number}], poll: 5m}}\n"
        measure.write(folder / "server.yaml", f"""controller: benchmark
listen: {{address: 127.0.0.1, port: 0}}
data_dir: {folder}/data
operations:
  url: {folder}/operations.git
  signing_key: {{file: signing_key}}
sources:
{sources}runner: {{kind: local, sandbox: none, parallel: 1}}
targets: {{allow: [directory], directory: {{roots: [{folder}/live]}}}}
""")
        (folder / "live").mkdir()
        process = world.start("server.log", program, "serve", "--config", folder / "server.yaml")
        measure.wait_for("failgate serve", lambda: re.search(
            "listening on", (folder / "server.log").read_text(encoding="utf-8", errors="replace")), 120)
        mirrors = folder / "data/mirrors"
        measure.wait_for("the first look at all", lambda: time.sleep(0.5) or (
            mirrors.is_dir() and len(list(mirrors.glob("*.git/refs/heads/main")) +
                                     list(mirrors.glob("*.git/packed-refs"))) >= SOURCES), 900)
        time.sleep(10)
        own, git, begin = measure.cpu_seconds(process.pid), children_seconds(process.pid), time.monotonic()
        time.sleep(SECONDS)
        spent = time.monotonic() - begin
        own, git = measure.cpu_seconds(process.pid) - own, children_seconds(process.pid) - git
        peak = measure.peak_mib(process.pid)
        process.terminate()
        process.wait()
    measure.table(f"idle: {SOURCES:,} sources, each looked at every five minutes, {spent:.0f} s",
                  ["of a core", "%"],
                  [["the server", f"{100 * own / spent:.2f}"], ["its git children", f"{100 * git / spent:.2f}"],
                   ["peak MiB of the server", f"{peak:.0f}"]])


main()
