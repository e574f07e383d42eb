"""Scale: what passes cost with many projects in many environments, and what a long log costs.

Two rungs, one project file in each and a desired file; the controller's own parts work on real
repositories, database and folders, without HTTP. Nothing is compared with a peer: the columns say
how cost grows."""

import os
import pathlib
import sys

import measure

PAIRS = [int(n) for n in os.environ.get("BENCHMARK_PAIRS", "100 1000 10000").split()]
# Of the long log, each count of facts with each of these; releases/PROJECT is one flat folder.
PROJECTS = [int(n) for n in os.environ.get("BENCHMARK_PROJECTS", "40 4").split()]
FACTS = [int(n) for n in os.environ.get("BENCHMARK_FACTS", "1000 10000 100000").split()]
PAIR_ROWS = [
    ("start, first pass, ms", "start_ms"),
    ("  its own CPU", "start_cpu_ms"),
    ("pass without news, ms", "pass_ms"),
    ("  its own CPU, without git", "pass_cpu_ms"),
    ("look at drift of all, ms", "drift_ms"),
    ("  its own CPU", "drift_cpu_ms"),
    ("list of `status`, ms", "status_ms"),
    ("resident, MiB", "rss_mib"),
    ("resident at most, MiB", "peak_mib"),
]
FACT_ROWS = [
    ("facts/s, pushes of 100, at first", "first_facts_per_s"),
    ("facts/s, pushes of 100, at last", "last_facts_per_s"),
    ("facts/s, pushes of 1,000, at first", "first_queue_facts_per_s"),
    ("facts/s, pushes of 1,000, at last", "last_queue_facts_per_s"),
    ("CPU a fact, us, pushes of 100, at first", "first_cpu_us"),
    ("CPU a fact, us, pushes of 100, at last", "last_cpu_us"),
    ("  of git and the remote, us, at first", "first_git_cpu_us"),
    ("  of git and the remote, us, at last", "last_git_cpu_us"),
    ("CPU a fact, us, pushes of 1,000, at first", "first_queue_cpu_us"),
    ("CPU a fact, us, pushes of 1,000, at last", "last_queue_cpu_us"),
    ("  of git and the remote, us, at first", "first_queue_git_cpu_us"),
    ("  of git and the remote, us, at last", "last_queue_git_cpu_us"),
    ("packing our copy, CPU a fact between the two, us", "between_packing_cpu_us"),
    ("own repository, MiB", "mirror_mib"),
    ("remote repository, MiB", "remote_mib"),
    ("newest 50 facts, ms", "read_newest_ms"),
    ("one fact long ago, from git, ms", "read_rare_ms"),
    ("the same by the index, ms", "list_rare_ms"),
    ("a project's newest 50 decisions, by the index, ms", "list_decisions_ms"),
    ("index made from nothing, ms", "index_ms"),
    ("start, ms", "start_ms"),
    ("start, empty data directory, ms", "start_empty_ms"),
    ("resident at most after writing, MiB", "written_peak_mib"),
    ("after reading and making the index", "read_peak_mib"),
    ("after starts", "peak_mib"),
]


def begin(world, files):
    """operations.git with `files` on main and the controller's key."""
    world.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "benchmark", "-f", world.folder / "signing_key")
    public = (world.folder / "signing_key.pub").read_text(encoding="ascii").strip()
    _, clone = world.repository("operations")
    measure.write(clone / "allowed_signers", f"controller {public}\n")
    for path, text in files.items():
        measure.write(clone / path, text)
    world.run("git", "add", "-A", cwd=clone)
    world.run("git", "commit", "-q", "-m", "Begin", cwd=clone)
    world.run("git", "push", "-q", "origin", "main", cwd=clone)


def ladder(folder, pairs):
    files = {"environments/dev/environment.yaml":
                 "policy: deployment\ngates:\n  tests: {levels: [unit]}\n",
             "environments/prod/environment.yaml":
                 "after: dev\npolicy: deployment\ngates:\n  tests: {levels: [unit]}\n  coverage: {lines: 80}\n"}
    for number in range(pairs // 2):
        project = f"app{number:05}"
        for environment in ("dev", "prod"):
            files[f"environments/{environment}/{project}.yaml"] = (
                f"deploy:\n  - name: app\n    directory: {{path: {folder}/srv/{environment}/{project}, artifacts: [app]}}\n"
                "drift: {every: 1m, heal: true}\n")
        files[f"desired/prod/{project}.yaml"] = "release: newest\n"
    return files


def values(output):
    return {name: float(value) for name, value in (line.split() for line in output.splitlines())}


def show(title, columns, rows, measured):
    table = [[name] + [measure.number(m[key]) if key in m else "-" for m in measured] for name, key in rows]
    measure.table(title, ["", *columns], table)


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    measured = []
    for pairs in PAIRS:
        with measure.World("pairs") as world:
            begin(world, ladder(world.folder, pairs))
            world.run(program, "prepare", world.folder, pairs)
            measured.append(values(world.run(program, "pairs", world.folder)))
    if PAIRS:
        show("projects in environments", [f"{pairs:,} pairs" for pairs in PAIRS], PAIR_ROWS, measured)
    for projects in PROJECTS:
        measured = []
        for facts in FACTS:
            with measure.World("facts") as world:
                begin(world, {})
                measured.append(values(world.run(program, "facts", world.folder, facts, projects)))
        if FACTS:
            show(f"the log, releases of {projects} projects",
                 [f"{facts:,} facts" for facts in FACTS], FACT_ROWS, measured)


if __name__ == "__main__":
    main()
