#!/usr/bin/python3
"""faults.py [--all] [--only NAME] [--point CALL:N:ERROR] - a failing disk.

Each call of a run that reaches for the store, the logs or the journal fails
in turn (strace puts an error in its place): no space left, and input/output
error.  The run must end with 74 and a message, or have done without; nothing
may be booked twice or lost, and the next run must bring all to a good end.
Each call that changes something is a point; of those that read, every third
(--all: every one).

  push     `pull T | push T`, from a shop to books over TLS; and the same
           into a store that is not there yet
  journal  the same from a folder to a journal
  purge, rotate, master, move, reseal   as in kill.py; subject, as in
  subject.py
"""
import argparse
import concurrent.futures
import os
import re
import subprocess
import sys

import ground
import kill
import subject
import tokens
from ground import Ground, Stop

WRITES = ("write", "pwrite64", "writev", "pwritev", "mkdir", "mkdirat",
          "link", "linkat", "ftruncate")
OTHERS = ("fsync", "fdatasync", "rename", "renameat", "renameat2", "unlink",
          "unlinkat", "flock", "openat", "read", "pread64", "utimensat",
          "fchmod", "fstat", "newfstatat", "mmap", "getdents64", "statfs",
          "faccessat2", "access")  # a close that fails has closed all the same
READS = ("read", "pread64", "fstat", "newfstatat", "mmap", "getdents64",
         "statfs", "faccessat2", "access")
LINE = re.compile(r"^(?:\d+ +)?(\w+)\((.*)$")


class Push(kill.Push):
    def start(self, before):
        return self.g.pipe(self.tenant, before_push=before)


class Journal(kill.Journal):
    tenant = "j"

    def start(self, before):
        return self.g.pipe(self.tenant, before_push=before)


class Move(kill.Move):
    how = "file:"		# the calls of a command are not ours


SCENARIOS = {"push": Push, "journal": Journal, "purge": kill.Purge,
             "first": tokens.First, "rotate": tokens.Rotate,
             "master": kill.Master, "move": Move,
             "reseal": kill.Reseal, "subject": subject.Subject}


def strace(log, calls, inject=None):
    words = ["strace", "-f", "-y", "-qq", "-s", "200", "-o", log,
             "-e", "trace=" + ",".join("?" + c for c in calls)]
    if inject:
        words += ["-e", "inject=" + inject]
    return words


def ours(g, rest):
    """Whether the call is about a file of salesync's own."""
    places = [g.path(n) for n in ("store", "logs", "books.journal",
                                  "master.key")]
    return any("<" + p in rest or '"' + p in rest for p in places)


def points(s, every):
    """Every call of a clean run that counts: its name, and its number among
    those of that name."""
    log, seen, out, reads = s.g.path("strace"), {}, [], 0
    s.reset()
    code = s.start(strace(log, WRITES + OTHERS))
    if code != 0:
        raise Stop("a clean run ends with %d: %s" % (code, s.g.said))
    s.clean()
    with open(log, encoding="utf-8", errors="replace") as f:
        for line in f:
            m = LINE.match(line)
            if m is None:
                continue
            name, rest = m.groups()
            seen[name] = seen.get(name, 0) + 1
            if not ours(s.g, rest):
                continue
            reads += name in READS
            if name in READS and reads % every:
                continue
            out.append((name, seen[name], "EIO"))
            if name in WRITES or (name == "openat" and "O_CREAT" in rest):
                out.append((name, seen[name], "ENOSPC"))
    return out


def trial(s, call, n, error):
    """One fault: what is wrong after it."""
    g, log = s.g, s.g.path("strace")
    s.reset()
    code = s.start(strace(log, [call], "%s:error=%s:when=%d" % (
        call, error, n)))
    said, wrong = g.said, []
    with open(log, encoding="utf-8", errors="replace") as f:
        hit = [x.strip() for x in f if "(INJECTED)" in x]
    if not hit:
        wrong.append("the fault did not happen")
    g.idle()
    if code == 0:
        wrong += ["success before it was done: " + w for w in g.faults()]
    elif code not in (74, 75):
        wrong.append("it ends with %d" % code)
    if code != 0 and not re.search(r"\bS5\d\d\b", said):
        wrong.append("it does not say why")
    wrong += s.between()
    again = g.again(s.rerun)
    g.idle()
    if again != 0:
        wrong.append("the rerun ends with %d: %s" % (again, g.said))
    wrong += s.after()
    if wrong:
        wrong.append("(%s: %d %s)" % (" | ".join(hit), code, said.strip()))
    return wrong


def run(report, top, name, o):
    g = Ground(top, name)
    s = SCENARIOS[name](g, ground.killat())
    for point in o.point or points(s, 1 if o.all else 3):
        report.take("%s %s:%d:%s" % (name, *point), trial(s, *point))
    g.close()


def point_of(text):
    call, n, error = text.split(":")
    return call, int(n), error


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--all", action="store_true")
    p.add_argument("--only", action="append", choices=sorted(SCENARIOS))
    p.add_argument("--point", action="append", type=point_of)
    o = p.parse_args()
    subprocess.run(["strace", "-V"], check=True, stdout=subprocess.DEVNULL)
    ground.killat()
    top, report = ground.memory_dir(), ground.Report("faults")
    ground.tls.make(os.path.join(top, "tls"))
    try:
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            jobs = {n: pool.submit(run, report, top, n, o)
                    for n in o.only or SCENARIOS}
            for name, job in jobs.items():
                try:
                    job.result()
                except Exception as e:          # it goes to the report
                    report.take(name, ["%s: %s" % (type(e).__name__, e)])
    finally:
        ground.shutil.rmtree(top, ignore_errors=True)
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
