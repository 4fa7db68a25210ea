#!/usr/bin/env python3
"""Writes docs/reference/command-line.md from what the program says of itself.

    scripts/write-command-reference.py PROGRAM            writes the page
    scripts/write-command-reference.py --check PROGRAM    fails when the page is not what would be written

What is not said by the program (exit codes, files, rules of output) stands in docs/reference/command-line.head.md.
"""
import json
import pathlib
import subprocess
import sys

REFERENCE = pathlib.Path(__file__).resolve().parent.parent / "docs" / "reference"
PAGE = REFERENCE / "command-line.md"
HEAD = REFERENCE / "command-line.head.md"
SHARED = {
    "Global options": ["database", "format", "catalogue", "quiet", "verbose", "no-color"],
    "Selection": ["device", "group", "type", "where", "all"],
    "Run options": ["canary", "max-failures", "concurrency", "wait-for-absent", "attempts", "timeout", "no-restart"],
    "Password": ["password-file", "ask-password"],
}
# Commands on whose shared sections the others are measured.
MODELS = {"Global options": "types list", "Selection": "verify", "Run options": "deploy", "Password": "deploy"}


def program_help(program):
    dump = subprocess.run([program, "--experimental-dump-help"], check=True, capture_output=True, text=True).stdout
    return json.loads(dump)["command"]


def commands(command, path=()):
    """Every command that does something, with its words; those that only hold others come as headings."""
    for sub in command.get("subcommands", []):
        if sub["commandName"] != "help":
            here = path + (sub["commandName"],)
            yield " ".join(here), sub
            yield from commands(sub, here)


def arguments(command):
    return [a for a in command.get("arguments", []) if a["shouldDisplay"] and long_name(a) not in ("help", "version")]


def long_name(argument):
    names = [n["name"] for n in argument.get("names") or [] if n["kind"] == "long"]
    return names[0] if names else None


def spelled(argument):
    value = f" <{argument['valueName']}>" if argument["kind"] == "option" else ""
    if argument["kind"] == "positional":
        return f"`<{argument['valueName']}>`"
    marks = {"short": "-", "long": "--"}
    names = [marks[n["kind"]] + n["name"] for n in argument["names"] if n["kind"] in marks]
    return ", ".join(f"`{name}{value}`" for name in names)


def meaning(argument):
    text = argument.get("abstract", "").replace("|", "\\|")
    notes = []
    if argument.get("allValues"):
        notes.append("one of " + ", ".join(f"`{value}`" for value in argument["allValues"]))
    if argument.get("defaultValue") is not None:
        notes.append(f"default `{argument['defaultValue'].removesuffix('.0')}`")
    if argument.get("isRepeating") and "more than once" not in text and argument["kind"] != "positional":
        notes.append("may be given more than once")
    if argument["kind"] == "option" and not argument["isOptional"]:
        notes.append("needed")
    return text + (f" ({'; '.join(notes)})" if notes else "")


def table(rows, title):
    lines = [f"| {title} | meaning |", "| --- | --- |"]
    return "\n".join(lines + [f"| {spelled(a).replace('|', chr(92) + '|')} | {meaning(a)} |" for a in rows]) + "\n"


def shared_sections(found):
    """The groups of options that many commands have, told once; a command has a group only if word for word."""
    models = {}
    for title, path in MODELS.items():
        by_name = {long_name(a): a for a in arguments(found[path])}
        models[title] = {name: by_name[name] for name in SHARED[title]}
    return models


def usage(path, rest, groups):
    words = ["phonefleet", path]
    for a in rest:
        word = f"<{a['valueName']}>" if a["kind"] == "positional" else "--" + (long_name(a) or "")
        if a["kind"] == "option":
            word += f" <{a['valueName']}>"
        word += " ..." if a.get("isRepeating") else ""
        words.append(f"[{word}]" if a["isOptional"] else word)
    marks = {"Selection": "SELECTION", "Run options": "[run options]", "Password": "[password]"}
    words += [marks[title] for title in groups if title in marks]
    lines, line = [], ""
    for word in words:
        if line and len(line) + 1 + len(word) > 100:
            lines.append(line)
            line = "   "
        line = f"{line} {word}" if line else word
    return "\n".join(lines + [line])


def section(path, command, models):
    level = "##" if " " not in path else "###"
    text = f"\n{level} `{path}`\n\n{command['abstract']}\n"
    if command.get("discussion"):
        text += "\n" + paragraphs(command["discussion"])
    if command.get("defaultSubcommand"):
        text += f"\n`phonefleet {path}` alone is `phonefleet {path} {command['defaultSubcommand']}`.\n"
    if any(sub["commandName"] != "help" for sub in command.get("subcommands", [])):
        return text
    rest, groups = arguments(command), []
    for title, members in models.items():
        if all(member in rest for member in members.values()):
            groups.append(title)
            rest = [a for a in rest if a not in members.values()]
    text += f"\n```\n{usage(path, rest, groups)}\n```\n"
    if rest:
        text += "\n" + table(rest, "argument")
    anchors = [f"[{title.lower()}](#{title.lower().replace(' ', '-')})" for title in groups]
    if anchors:
        text += "\nAlso: " + ", ".join(anchors) + ".\n"
    return text


def paragraphs(text):
    """Running text as it is, an example as code."""
    parts = []
    for part in text.strip().split("\n\n"):
        if part.startswith("Example: "):
            part = "Example:\n\n```\n" + part.removeprefix("Example: ") + "\n```"
        parts.append(part)
    return "\n\n".join(parts) + "\n"


def page(program):
    root = program_help(program)
    found = dict(commands(root))
    models = shared_sections(found)
    text = HEAD.read_text(encoding="utf-8").split("-->\n", 1)[1].lstrip("\n")
    for title, members in models.items():
        text += f"\n## {title}\n\n" + table(members.values(), "option")
    text += "\n# Commands\n"
    for path, command in found.items():
        text += section(path, command, models)
    return text


def main(words):
    check = "--check" in words
    programs = [word for word in words if word != "--check"]
    if len(programs) != 1:
        sys.exit(__doc__)
    text = page(programs[0])
    if not check:
        PAGE.write_text(text, encoding="utf-8")
    elif PAGE.read_text(encoding="utf-8") != text:
        sys.exit(f"{PAGE.name} is not current; run scripts/write-command-reference.py PROGRAM")


main(sys.argv[1:])
