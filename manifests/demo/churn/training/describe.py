"""python3 -m training.describe FOLDER REPORT: what there is of each column, for the gate `data`."""

import json
import pathlib
import sys

from churn.features import CONTRACTS, NUMBERS, read_customers


def describe(folder):
    customers = [each for path in sorted(pathlib.Path(folder).glob("*.csv")) for each in read_customers(path)]
    types = {"customer": "int64", "contract": "/".join(CONTRACTS), "churned": "int64"} | dict.fromkeys(NUMBERS, "float64")
    return {
        "rows": len(customers),
        "columns": {
            name: {"type": kind, "nulls": sum(each.get(name) in ("", None) for each in customers)}
            for name, kind in types.items()
        },
    }


if __name__ == "__main__":
    pathlib.Path(sys.argv[2]).write_text(json.dumps(describe(sys.argv[1])))
