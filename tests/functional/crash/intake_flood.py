#!/usr/bin/env python3
"""The promise behind 202, for hours if you like: a stream of signed deliveries over HTTP at the built
program, kill -9 again and again, and in the end every delivery that was answered 202 must stand in
the journal once, and be one row of the database under the id that was answered.

    tests/functional/crash/intake_flood.py build/release/bin/failgate --deliveries 100000 --kills 500
    ... --lose-database 3       # that many of the kills also delete the database
    ... --seed 42               # the same moments again, as far as a machine allows

A sender that gets no answer sends the same delivery again, as GitHub's "redeliver" does. The journal is
read by this script itself, not by the program.
"""

import argparse
import collections
import ctypes
import hashlib
import http.client
import json
import pathlib
import random
import re
import signal
import sqlite3
import struct
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "benchmarks"))
import intake  # noqa: E402
import measure  # noqa: E402

SENDERS = 8
HEADER = b"failgate journal 1 of deliveries"
FRAME = b"\x28\xb5\x2f\xfd"  # a body is compressed, or stands there as it came


class Server:
    """One data directory, many lives."""

    def __init__(self, world, program):
        self.world, self.lives, self.port = world, 0, None
        self.ours = intake.Ours(world, program)
        self.program = program
        self.data = world.folder / "data-1"
        self.process = None

    def start(self):
        self.lives += 1
        if self.lives == 1:
            self.process, self.port = self.ours.start()
            return
        log = self.world.folder / f"life-{self.lives % 10}.log"
        log.write_text("")
        self.process = self.world.start(log.name, self.program, "serve", "--config",
                                        self.world.folder / "server.yaml")

        def port():
            text = log.read_text(encoding="utf-8", errors="replace")
            if self.process.poll() is not None:
                raise SystemExit(f"life {self.lives} ended by itself:\n{text}")
            found = re.search(r"listening on [^ ]+:(\d+)\n", text)  # the line may be half written
            return found and int(found.group(1))

        self.port = measure.wait_for("failgate serve", port, 120)

    def end(self, how):
        self.port = None
        self.process.send_signal(how)
        self.process.wait()


class Stream:
    """Deliveries 0, 1, 2, ... and what was answered."""

    def __init__(self, server, bodies, total):
        self.server, self.bodies, self.total = server, bodies, total
        self.lock = threading.Lock()
        self.next = 0
        self.answers = {}
        self.resent = self.refused = 0

    def take(self):
        with self.lock:
            if self.next == self.total:
                return None
            self.next += 1
            return self.next - 1

    def run(self):
        connection, port = None, None
        while True:
            number = self.take()
            if number is None:
                return
            tries = 0
            while True:
                now = self.server.port
                if now is None:
                    time.sleep(0.005)
                    continue
                if connection is None or now != port:
                    connection, port = http.client.HTTPConnection("127.0.0.1", now, timeout=20), now
                answer = self.send(connection, number)
                if answer is not None:
                    break
                connection = None
                tries += 1
            with self.lock:
                self.answers[f"flood-{number}"] = answer
                self.resent += tries

    def send(self, connection, number):
        body, proof = self.bodies[number % len(self.bodies)]
        try:
            connection.request("POST", "/hooks/churn", body, {
                "Content-Type": "application/json", "X-GitHub-Event": "push",
                "X-GitHub-Delivery": f"flood-{number}", "X-Hub-Signature-256": "sha256=" + proof})
            response = connection.getresponse()
            text = response.read()
        except (OSError, http.client.HTTPException):
            return None
        if response.status == 503:
            with self.lock:
                self.refused += 1
            time.sleep(0.05)
            return None
        if response.status != 202:
            raise SystemExit(f"delivery {number} was answered {response.status}: {text!r}")
        return json.loads(text)["delivery"]


class Hash128(ctypes.Structure):
    """What XXH3_128bits answers."""
    _fields_ = [("low", ctypes.c_uint64), ("high", ctypes.c_uint64)]


XXHASH = ctypes.CDLL("libxxhash.so.0")
XXHASH.XXH3_128bits.argtypes = [ctypes.c_char_p, ctypes.c_size_t]
XXHASH.XXH3_128bits.restype = Hash128


def body_digest(body):
    found = XXHASH.XXH3_128bits(body, len(body))
    return f"xxh3-128:{found.high:016x}{found.low:016x}"


def journal_records(folder):
    """(our id, sender's id) of every whole record."""
    for path in sorted(folder.glob("*.journal")):
        segment, data = int(path.stem), path.read_bytes()
        if not data.startswith(HEADER):
            raise SystemExit(f"{path} has no header")
        at = len(HEADER)
        while at + 24 <= len(data):
            head, body = struct.unpack_from("<II", data, at)
            content = data[at + 24:at + 24 + head + body]
            frame = content[head:head + 4] == FRAME
            checked = struct.pack("<QQII", segment, at, head, body) + content[:None if frame else head]
            if head == 0 or hashlib.sha256(checked).hexdigest()[:16].encode() != data[at + 8:at + 24]:
                break
            texts, place = [], 0
            for _ in range(6):
                size, = struct.unpack_from("<I", content, place)
                texts.append(content[place + 4:place + 4 + size].decode())
                place += 4 + size
            if not frame and body_digest(content[head:]) != texts[5]:
                break
            yield texts[0], texts[3]
            at += 24 + head + body


def faults(server, answers):
    in_journal = collections.defaultdict(list)
    for own, sent in journal_records(server.data / "deliveries"):
        in_journal[sent].append(own)
    database = sqlite3.connect(server.data / "failgate.db")
    in_rows = collections.defaultdict(list)
    for own, sent in database.execute("SELECT id, delivery_id FROM deliveries"):
        in_rows[sent].append(own)
    for sent, own in answers.items():
        if in_journal[sent] != [own]:
            yield f"{sent}: answered {own}, in the journal {in_journal[sent]}"
        if in_rows[sent] != [own]:
            yield f"{sent}: answered {own}, in the database {in_rows[sent]}"
    for sent in set(in_journal) | set(in_rows):
        if sent not in answers:
            yield f"{sent}: never answered, though every sender goes on until it is"


def kill_while_it_streams(server, stream, senders, options, chance):
    kills = 0
    losses = set(chance.sample(range(options.kills), options.lose_database))
    while kills < options.kills and any(sender.is_alive() for sender in senders):
        # By the work done, so that the kills spread over all of it however quick the machine is.
        goal = stream.total * (kills + 1) // (options.kills + 1)
        while stream.next < goal and any(sender.is_alive() for sender in senders):
            time.sleep(0.001)
        time.sleep(chance.uniform(0, 0.05))
        server.end(signal.SIGKILL)
        if kills in losses:
            for part in ("", "-wal", "-shm"):
                (server.data / f"failgate.db{part}").unlink(missing_ok=True)
        kills += 1
        server.start()
    return kills


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--deliveries", type=int, default=2000)
    parser.add_argument("--kills", type=int, default=8)
    parser.add_argument("--lose-database", type=int, default=0)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    chance = random.Random(options.seed)
    begin = time.monotonic()
    with measure.World("flood") as world:
        server = Server(world, options.program.resolve())
        pool = world.folder / "pool"
        intake.write_pool(pool, 2048, 64, str(server.ours.source))
        server.start()
        stream = Stream(server, read_pool(pool), options.deliveries)
        senders = [threading.Thread(target=stream.run, daemon=True) for _ in range(SENDERS)]
        for sender in senders:
            sender.start()
        kills = kill_while_it_streams(server, stream, senders, options, chance)
        for sender in senders:
            sender.join()
        server.end(signal.SIGTERM)
        found = list(faults(server, stream.answers))
        if len(stream.answers) != options.deliveries:
            found.append(f"{len(stream.answers)} of {options.deliveries} were answered 202")
    for fault in found[:20]:
        print(fault)
    print(f"{len(stream.answers)} deliveries answered 202, {stream.resent} sent again, "
          f"{stream.refused} answers 503, {kills} kills, {len(found)} faults, "
          f"{time.monotonic() - begin:.0f} s")
    return 1 if found else 0


def read_pool(path):
    bodies = []
    with open(path, "rb") as pool:
        while line := pool.readline():
            size, proof = line.split()
            bodies.append((pool.read(int(size)), proof.decode()))
    return bodies


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.SubprocessError as error:
        sys.exit(str(error))
