"""Log writing: signed facts that are on the remote, against `git commit -S` in a work tree and push.

Both write one signed commit a fact that changes one file, fsync what they write, and push to a bare
repository on the same disk. Ours goes through the one writer the controller has."""

import pathlib
import resource
import sys
import time

import measure

# name, facts measured, facts a push, commits the peer makes for it
CASES = [
    ("one fact, one push", 40, 1, 20),
    ("100 facts, one push", 300, 100, 100),
    ("1,000 facts, one push", 1000, 1000, None),
]


class Worlds:
    def __init__(self, world, program):
        self.world, self.program, self.count = world, program, 0
        folder = world.folder
        world.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / "signing_key")
        for name in ("operations", "peer"):
            _, clone = world.repository(name)
            measure.write(clone / "README.md", "A log.\n")
            world.run("git", "add", "-A", cwd=clone)
            world.run("git", "commit", "-q", "-m", "Begin", cwd=clone)
            world.run("git", "push", "-q", "origin", "main", cwd=clone)
        settings = {"core.fsync": "all", "gpg.format": "ssh", "commit.gpgsign": "true",
                    "user.signingkey": str(folder / "signing_key")}
        for key, value in settings.items():
            world.run("git", "config", key, value, cwd=folder / "peer")
        world.run("git", "config", "core.fsync", "all", cwd=folder / "peer.git")

    def ours(self, facts, batch):
        """Facts a second; CPU of one in milliseconds: our own, that of git and the remote."""
        self.count += 1
        output = self.world.run(self.program, self.world.folder, f"mirror-{self.count}.git", facts, batch)
        seconds, own, git = (float(part) for part in output.split())
        return facts / seconds, own / facts * 1000, git / facts * 1000

    def peers(self, facts, batch):
        """Facts a second; CPU of one in milliseconds, the remote's included."""
        clone = self.world.folder / "peer"
        begin, used = time.monotonic(), children_cpu()
        for done in range(facts):
            self.count += 1
            measure.write(clone / "prod/churn.json", f'{{"sequence": {self.count}}}\n')
            self.world.run("git", "add", "prod/churn.json", cwd=clone)
            self.world.run("git", "commit", "-q", "-S", "-m", f"healed {self.count}", cwd=clone)
            if (done + 1) % batch == 0:
                self.world.run("git", "push", "-q", "origin", "main", cwd=clone)
        return facts / (time.monotonic() - begin), (children_cpu() - used) / facts * 1000


def children_cpu():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def medians(measured):
    return [measure.number(measure.median(column)) for column in zip(*measured)]


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    rows = []
    with measure.World("log") as world:
        worlds = Worlds(world, program)
        new_file = measure.new_file_us(world.folder)
        peers = []
        for name, facts, batch, commits in CASES:
            ours, rounds = [], []
            # A commit of the peer costs the same in a batch of 1,000 as in one of 100.
            for round_ in range(measure.ROUNDS):
                rounds.append(worlds.peers(commits, min(batch, commits)) if commits else peers[round_])
                ours.append(worlds.ours(facts, batch))
            peers = rounds
            ratio = measure.median([our[0] / peer[0] for our, peer in zip(ours, peers)])
            cpu = measure.median([peer[1] / (our[1] + our[2]) for our, peer in zip(ours, peers)])
            rate, own, git = medians(ours)
            rows.append([name, rate, *medians(peers)[:1], f"{ratio:.1f}x", own, git, *medians(peers)[1:], f"{cpu:.1f}x"])
    measure.table(
        f"log writing: signed, durable and pushed facts a second; CPU of one, ms; medians of {measure.ROUNDS}; "
        f"a new file costs {new_file:.0f} us here",
        ["case", "failgate", "git commit -S", "ratio", "own CPU", "git and remote", "git commit -S", "ratio"], rows)


if __name__ == "__main__":
    main()
