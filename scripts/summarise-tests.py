#!/usr/bin/python3
"""Adds up the GoogleTest reports of a folder: lists failures and skips, ends with one line of counts.

Exits 1 when a test failed, when none ran, or, with CI=true, when one was skipped. A test with a property
"needs" asks for something that only the person who runs it can name: it is listed, not counted.
"""
import os
import pathlib
import sys
import xml.etree.ElementTree as ElementTree


def main() -> int:
    passed = failed = skipped = 0
    for report in sorted(pathlib.Path(sys.argv[1]).glob("*.xml")):
        for case in ElementTree.parse(report).getroot().iter("testcase"):
            name = f'{case.get("classname")}.{case.get("name")}'
            if case.find("failure") is not None:
                failed += 1
                print(f"failed: {name}")
            elif case.get("result") == "skipped" and (needs := case.find('properties/property[@name="needs"]')) is not None:
                print(f'NOT RUN: {name} needs {needs.get("value")}')
            elif case.get("result") == "skipped":
                skipped += 1
                reason = case.find("skipped")
                text = reason.get("message", "") if reason is not None else ""
                print(f"skipped: {name}: {' '.join(text.split())}")
            elif case.get("status") == "run":
                passed += 1
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    on_ci = os.environ.get("CI") == "true"
    return 1 if failed or not passed or (on_ci and skipped) else 0


sys.exit(main())
