"""python3 -m training.train --data DIR --mode full|degraded --out FILE --metrics FILE"""

import argparse
import json
import os
import pathlib

import joblib

from training.fit import auc, fit, read_all, split


def champion():
    """What runs in production, where failgate shows it to the step; None while nothing does."""
    path = pathlib.Path(os.environ.get("FAILGATE_CHAMPION", ""), "model.joblib")
    return joblib.load(path) if os.environ.get("FAILGATE_CHAMPION") and path.exists() else None


def main(arguments=None):
    parser = argparse.ArgumentParser()
    for name in ("data", "mode", "out", "metrics"):
        parser.add_argument(f"--{name}", required=True)
    wanted = parser.parse_args(arguments)
    kept, held_out = split(read_all(wanted.data))
    model = fit(kept, wanted.mode)
    metrics = {"rows": len(kept), "auc": auc(model, held_out)}
    before = champion()
    if before is not None:
        metrics["champion.auc"] = auc(before, held_out)
    pathlib.Path(wanted.metrics).write_text(json.dumps(metrics))
    joblib.dump(model, wanted.out, compress=3)
    print(f"{wanted.mode} training:", ", ".join(f"{name} {value}" for name, value in metrics.items()))


if __name__ == "__main__":
    main()
