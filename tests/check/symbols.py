#!/usr/bin/python3
"""symbols.py [ROOT [BUILD]] - what the objects export and what they hold.

A foo.c exports foo_* or what foo.h names, and nothing else; nothing but the
log has state of its own; every source has its object.
"""
import os
import re
import subprocess
import sys

ROOT = sys.argv[1] if len(sys.argv) > 1 else "."
BUILD = sys.argv[2] if len(sys.argv) > 2 else os.path.join(ROOT, "build")
STATE = {  # variables that outlive their function, and why they may
    ("lib/log.c", None),		# the log is the one global
    ("lib/stop.c", "asked"),		# what a signal handler can reach
    ("lib/json.c", "building"),		# cJSON's hooks take no argument
    ("cmd/progress.c", "shown"),	# nor does the log's progress hook
}

faults = []


def symbols(path):
    """(name, type letter, section) of each defined symbol."""
    out = subprocess.run(["nm", "--format=sysv", "--defined-only", path],
                         capture_output=True, text=True, check=True).stdout
    for line in out.split("\n"):
        part = [p.strip() for p in line.split("|")]
        if len(part) == 7:
            yield part[0], part[2], part[6]


def read(folder, name):
    path = os.path.join(ROOT, folder, name)
    if not os.path.exists(path):
        return ""
    with open(path, encoding="utf-8") as f:
        return f.read()


def declared(folder, name):
    """The words of foo.h; a foo.c that has none carries out a part of the
    headers of its folder that it includes."""
    text = read(folder, name + ".h")
    if not text:
        for header in re.findall(r'#include "(\w+\.h)"',
                                 read(folder, name + ".c")):
            text += read(folder, header)
    return set(re.findall(r"\b\w+\b", text))


def check(folder, source):
    name = source[:-2]
    obj = os.path.join(BUILD, folder, name + ".o")
    path = folder + "/" + source
    if not os.path.exists(obj):
        faults.append("%s:1: %s is missing: run make" % (path, obj))
        return
    words = declared(folder, name)
    for symbol, letter, section in symbols(obj):
        if letter.isupper() and symbol != "main" and symbol not in words \
                and not symbol.startswith(name + "_"):
            faults.append("%s:1: exports %s, which is neither %s_* nor in "
                          "%s.h" % (path, symbol, name, name))
        known = (path, None) in STATE or (path, symbol) in STATE
        if not known and re.match(r"\.(data|bss)$|\.(data|bss)\."
                                          r"(?!rel\.ro)", section):
            faults.append("%s:1: %s is a variable that outlives its "
                          "function" % (path, symbol))
        if letter == "C":
            faults.append("%s:1: %s is a common symbol" % (path, symbol))


for folder in ("lib", "connectors", "cmd"):
    top = os.path.join(ROOT, folder)
    for source in sorted(os.listdir(top)) if os.path.isdir(top) else ():
        if source.endswith(".c"):
            check(folder, source)
for text in faults:
    print(text)
sys.exit(1 if faults else 0)
