"""Works on a Delta Lake table with the real writer.

usage: delta_writer.py TABLE VERB[=ARGUMENT]...

Tells, as JSON and one a line, which version of the table each verb left, and its rows as the real
reader sees them.
"""

import json
import pathlib
import shutil
import subprocess
import sys

from arro3.core import Array, DataType, Table
from deltalake import DeltaTable, QueryBuilder, TableFeatures, convert_to_deltalake, write_deltalake

# Clean-ups take all that a checkpoint has, when they are asked to and not before.
SETTINGS = {
    "delta.logRetentionDuration": "interval 0 seconds",
    "delta.enableExpiredLogCleanup": "false",
}


def rows_of(table):
    rows = QueryBuilder().register("t", table).execute("select id from t order by id").read_all()
    return rows["id"].to_pylist()


def data_of(ids):
    numbers = [int(one) for one in ids.split(",")]
    return Table.from_pydict(
        {
            "id": Array(numbers, type=DataType.int64()),
            "day": Array([f"day {one % 2}" for one in numbers], type=DataType.string()),
        }
    )


def write(path, ids, **how):
    write_deltalake(path, data_of(ids), configuration=SETTINGS, **how)


def create(path, setting, **how):
    key, _, value = setting.partition(":")
    configuration = {**SETTINGS, **({key: value} if key else {})}
    write_deltalake(path, data_of("1,2,3"), configuration=configuration, **how)


def zoneless(path, _):
    """The same rows, with a time that names no zone."""
    rows = QueryBuilder().register("t", DeltaTable(path))
    sql = "select id, day, arrow_cast(id, 'Timestamp(Microsecond, None)') as at from t"
    write_deltalake(path, rows.execute(sql).read_all(), mode="overwrite", schema_mode="overwrite")


def race(path, count):
    """Two programs append at the same time."""
    programs = [
        subprocess.Popen(
            [sys.executable, __file__, path, "ready"]
            + [f"append={first + one}" for one in range(int(count))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for first in (1000, 2000)
    ]
    for program in programs:
        program.stdout.readline()
    for program in programs:
        program.stdin.write(b"go\n")
        program.stdin.flush()
    for program in programs:
        program.communicate()
        assert program.returncode == 0


def ready(path, _):
    print("ready", flush=True)
    sys.stdin.readline()


def placed(_, folder):
    """Reads parquet files that lie in a folder without a log."""
    copy = pathlib.Path(folder + ".copy")
    copy.mkdir()
    for number, file in enumerate(pathlib.Path(folder).rglob("*.parquet")):
        shutil.copy(file, copy / f"{number}.parquet")
    convert_to_deltalake(str(copy))
    print(json.dumps({"version": -1, "rows": rows_of(DeltaTable(copy))}), flush=True)


def with_feature(path, feature):
    DeltaTable(path).alter.add_feature(
        getattr(TableFeatures, feature), allow_protocol_versions_increase=True
    )


VERBS = {
    "create": create,
    "partitioned": lambda path, setting: create(path, setting, partition_by=["day"]),
    "append": lambda path, ids: write(path, ids, mode="append"),
    "overwrite": lambda path, ids: write(path, ids, mode="overwrite"),
    "delete": lambda path, predicate: DeltaTable(path).delete(predicate),
    "feature": with_feature,
    "property": lambda path, one: DeltaTable(path).alter.set_table_properties(
        dict([one.split(":")]), raise_if_not_exists=False
    ),
    "optimize": lambda path, _: DeltaTable(path).optimize.compact(),
    "order": lambda path, _: DeltaTable(path).optimize.z_order(["id"]),
    "vacuum": lambda path, _: DeltaTable(path).vacuum(
        0, dry_run=False, enforce_retention_duration=False
    ),
    "restore": lambda path, version: DeltaTable(path).restore(int(version)),
    "compact-log": lambda path, to: DeltaTable(path).compact_logs(0, int(to)),
    "checkpoint": lambda path, _: DeltaTable(path).create_checkpoint(),
    "cleanup": lambda path, _: DeltaTable(path).cleanup_metadata(),
    "zoneless": zoneless,
    "race": race,
    "ready": ready,
    "placed": placed,
    "version": lambda path, _: None,
}


def main():
    path = sys.argv[1]
    for step in sys.argv[2:]:
        verb, _, argument = step.partition("=")
        VERBS[verb](path, argument)
        if verb in ("ready", "placed"):
            continue
        table = DeltaTable(path)
        if verb == "version":
            table.load_as_version(int(argument))
        print(json.dumps({"version": table.version(), "rows": rows_of(table)}), flush=True)


main()
