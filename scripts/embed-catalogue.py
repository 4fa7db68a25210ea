#!/usr/bin/env python3
"""Writes catalogue/*.json into the program: Sources/DeploymentModel/Catalogue/BuiltInCatalogue.swift.

The program is one file and reads nothing beside itself, so the data becomes a Swift source. A test holds both equal.
Usage: scripts/embed-catalogue.py [--check]
"""
import json
import pathlib
import sys

root = pathlib.Path(__file__).resolve().parent.parent
target = root / "Sources/DeploymentModel/Catalogue/BuiltInCatalogue.swift"

HEAD = """// Made by scripts/embed-catalogue.py of catalogue/*.json: change those and run it again.
// swift-format-ignore-file

/// The data files of the built-in catalogue, in the order in which they are laid over each other.
enum BuiltInCatalogue {
    static let files: [(name: String, text: String)] = [
"""


def source() -> str:
    parts = [HEAD]
    for path in sorted((root / "catalogue").glob("*.json")):
        text = path.read_text(encoding="utf-8")
        json.loads(text)
        assert '"""#' not in text and "\\#" not in text, f"{path.name} cannot stand in a raw string"
        parts.append(f'        (\n            "{path.name}",\n#"""\n{text}\n"""#\n        ),\n')
    parts.append("    ]\n}\n")
    return "".join(parts)


def main() -> int:
    text = source()
    if sys.argv[1:] == ["--check"]:
        if target.exists() and target.read_text(encoding="utf-8") == text:
            return 0
        print("BuiltInCatalogue.swift does not match catalogue/*.json; run scripts/embed-catalogue.py", file=sys.stderr)
        return 1
    target.write_text(text, encoding="utf-8")
    return 0


sys.exit(main())
