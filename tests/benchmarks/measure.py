"""What every benchmark needs: temporary worlds, processes and their cost, medians, tables."""

import fcntl
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

ROUNDS = int(os.environ.get("BENCHMARK_ROUNDS", "5"))
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


class World:
    """A folder of its own and a clean git environment; the folder goes away at the end."""

    def __init__(self, name):
        parent = os.environ.get("BENCHMARK_DIR")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"failgate-{name}-", dir=parent))
        # Steps run as a user of their own, who must be able to come through.
        self.folder.chmod(0o755)
        spread_folders(self.folder)
        (self.folder / "home").mkdir()
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder / "home"),
            "LC_ALL": "C.UTF-8",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "Alice Martin",
            "GIT_AUTHOR_EMAIL": "alice@example.com",
            "GIT_COMMITTER_NAME": "Alice Martin",
            "GIT_COMMITTER_EMAIL": "alice@example.com",
        }

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, *command, cwd=None, stdin=None):
        """Standard output; a command that fails ends the benchmark with its words."""
        done = subprocess.run(
            [str(part) for part in command],
            cwd=cwd or self.folder,
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(map(str, command))}: {done.stdout}{done.stderr}")
        return done.stdout

    def start(self, log, *command):
        with open(self.folder / log, "ab") as output:
            return subprocess.Popen(
                [str(part) for part in command],
                cwd=self.folder,
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def repository(self, name):
        """NAME.git, bare, and NAME, a clone of it to work in."""
        bare, clone = self.folder / f"{name}.git", self.folder / name
        self.run("git", "init", "-q", "--bare", "-b", "main", bare)
        self.run("git", "init", "-q", "-b", "main", clone)
        self.run("git", "remote", "add", "origin", bare, cwd=clone)
        return bare, clone


def spread_folders(folder):
    """Asks ext4 to put each folder in this one into a part of the disk of its own ("T" of chattr(1)): see
    new_file_us. Elsewhere it is not known, and does nothing."""
    get_flags, set_flags, top_of_hierarchy = 0x80086601, 0x40086602, 0x00020000
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        flags = int.from_bytes(fcntl.ioctl(descriptor, get_flags, bytes(8)), sys.byteorder)
        fcntl.ioctl(descriptor, set_flags, (flags | top_of_hierarchy).to_bytes(8, sys.byteorder))
    except OSError:
        pass
    finally:
        os.close(descriptor)


def new_file_us(folder, count=200):
    """What making a file costs there. ext4 without a journal passes over each inode of that part of the disk
    that was freed in the last minutes: after many files were removed, and be it by the round before, it is
    30 times what it is on a disk at rest, for whoever is measured."""
    folder = pathlib.Path(folder) / "new-files"
    folder.mkdir()
    begin = time.monotonic()
    for number in range(count):
        (folder / str(number)).touch()
    return (time.monotonic() - begin) / count * 1e6


def write(path, text, mode=0o644):
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)


def wait_for(what, condition, seconds=30, every=0.0005):
    """Polls every half millisecond, unless told otherwise; answers what `condition` gave."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = condition()
        if answer:
            return answer
        time.sleep(every)
    raise SystemExit(f"{what} did not happen within {seconds} s")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def accepts(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def cpu_seconds(pid):
    """Of the process itself, without its children."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS


def peak_mib(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


def median(values):
    return statistics.median(values)


def table(title, head, rows):
    """Columns as wide as they must be; the first one left, the others right."""
    cells = [head] + [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    print(f"\n{title}")
    for row in cells:
        first = row[0].ljust(widths[0])
        print("  " + "  ".join([first] + [row[i].rjust(widths[i]) for i in range(1, len(row))]))


def number(value, digits=3):
    """Three significant digits are all that one machine's medians are worth."""
    if value >= 10 ** digits:
        return f"{value:,.0f}"
    return f"{value:.{digits}g}"


def machine():
    """The line that belongs above all figures."""
    model = "unknown processor"
    for line in pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    load = os.getloadavg()[0]
    return f"{os.cpu_count()} CPUs, {model}, kernel {os.uname().release}, load {load:.1f} at the start"
