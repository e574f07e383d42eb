"""Auditing a deploy log, against `git log --show-signature`, which checks the signatures alone.

Ours proves the whole log: signatures, order, every tree, every record, and every decision computed
again. The peer asks ssh-keygen for each commit; it is measured on the newest PEERS commits."""

import json
import pathlib
import sys
import time

import measure

FACTS = 10_000
SINCE = 100
PEERS = 500


class Log:
    def __init__(self, world, program, writer):
        self.world, self.program = world, program
        key = world.folder / "signing_key"
        world.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key)
        public = pathlib.Path(f"{key}.pub").read_text(encoding="utf-8")
        self.clone = world.repository("operations")[1]
        measure.write(self.clone / "allowed_signers", f"controller {public}")
        world.run("git", "add", "-A", cwd=self.clone)
        world.run("git", "commit", "-q", "-m", "Begin", cwd=self.clone)
        world.run("git", "push", "-q", "origin", "main", cwd=self.clone)
        world.run(writer, world.folder, FACTS)
        world.run("git", "fetch", "-q", "origin", cwd=self.clone)
        self.commits = int(world.run("git", "rev-list", "--count", "origin/deploy-log", cwd=self.clone))

    def ours(self, *options):
        """Seconds; the log must be proven."""
        begin = time.monotonic()
        report = self.world.run(self.program, "audit", "verify", "--repo", self.clone, "-o", "json", *options)
        seconds = time.monotonic() - begin
        if not json.loads(report)["ok"]:
            raise SystemExit(f"the log is not proven: {report[:1000]}")
        return seconds

    def peers(self):
        begin = time.monotonic()
        text = self.world.run("git", "-c", "gpg.ssh.allowedSignersFile=allowed_signers", "log", "-n", PEERS,
                              "--show-signature", "origin/deploy-log", cwd=self.clone)
        seconds = time.monotonic() - begin
        if text.count('Good "git" signature') != PEERS:
            raise SystemExit(f"git does not verify the log: {text[:1000]}")
        return seconds

    def since(self):
        return self.world.run("git", "rev-parse", f"origin/deploy-log~{SINCE}", cwd=self.clone).strip()


def main():
    program, writer = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
    with measure.World("audit") as world:
        log = Log(world, program, writer)
        since = log.since()
        whole, later, peers, ratios = [], [], [], []
        for _ in range(measure.ROUNDS):
            whole.append(log.commits / log.ours())
            later.append(log.ours("--since", since) * 1000)
            peers.append(PEERS / log.peers())
            ratios.append(whole[-1] / peers[-1])
        measure.table(
            f"audit: commits a second, medians of {measure.ROUNDS}",
            ["case", "failgate", "git log --show-signature", "ratio"],
            [[f"{log.commits:,} commits, all of it", measure.number(measure.median(whole)),
              measure.number(measure.median(peers)), f"{measure.median(ratios):.0f}x"]])
        measure.table(
            "audit: what is new since the last one, ms",
            ["case", "failgate"],
            [[f"--since, {SINCE} commits ago", measure.number(measure.median(later))]])


if __name__ == "__main__":
    main()
