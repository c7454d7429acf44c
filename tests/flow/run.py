#!/usr/bin/python3
"""run.py [--binary B] [--jobs N] [--slow N] [--list] [NAME...]: runs the flows.

Each case_NAME(t) of the *_flow.py files runs in a process and a temporary
folder of its own.  A NAME picks the files and cases that contain it.
"""
import argparse
import importlib
import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import house		# noqa: E402
import tls		# noqa: E402

LIMIT_S = 60		# of one case, unless it says how long it takes
ELSEWHERE = {		# messages that no case can bring about
    "S108": "out of memory: tests/crash fails each allocation",
    "S109": "internal error: what its makers held to be impossible",
    "S214": "no books of class N are built in",
    "S409": "http: is refused as a fault of the configuration before",
}


def cases(names):
    found = []
    for file in sorted(os.listdir(HERE)):
        if not file.endswith("_flow.py"):
            continue
        module = importlib.import_module(file[:-3])
        for key, value in vars(module).items():
            name = file[:-8] + "." + key[5:]
            if key.startswith("case_") and (not names or any(
                    n in name for n in names)):
                found.append((name, value))
    # the long ones first
    return sorted(found, key=lambda c: -getattr(c[1], "seconds", 0))


def one(case, binary, folder, certs):
    """In a process of its own: 0 passed, 1 failed, 2 skipped; and why."""
    os.makedirs(folder)
    t = house.House(binary, folder, certs)
    try:
        case(t)
        return 0, ""
    except house.Skip as e:
        return 2, str(e)
    except house.Wrong as e:
        at = traceback.extract_tb(e.__traceback__)
        at = [f for f in at if f.filename.endswith("_flow.py")][-1]
        return 1, "line %d: %s\n    %s" % (at.lineno, at.line, e)
    except BaseException:
        return 1, traceback.format_exc()
    finally:
        t.end()


class Job:
    def __init__(self, name, case, binary, folder, certs):
        self.name, self.folder = name, folder
        # What is known to take long may take three times that.
        self.limit = max(LIMIT_S, 3 * getattr(case, "seconds", 0))
        self.began = time.monotonic()
        self.out, into = os.pipe()
        self.text = b""
        self.pid = os.fork()
        if self.pid == 0:
            os.setsid()
            os.close(self.out)
            code, why = one(case, binary, folder, certs)
            os.write(into, why.encode("utf-8", "replace")[:60000])
            os._exit(code)
        os.close(into)

    def take(self):
        """False when there is no more."""
        part = os.read(self.out, 65536)
        self.text += part
        return bool(part)

    def end(self, late):
        """Its own processes are its group."""
        if late:
            os.kill(self.pid, signal.SIGKILL)
        _, status = os.waitpid(self.pid, 0)
        os.close(self.out)
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        code = os.waitstatus_to_exitcode(status)
        if late:
            code, self.text = 1, b"it took longer than %d s" % (
                self.limit * house.SLOW)
        return code if code in (0, 2) else 1


def codes_said(folder):
    """The codes of all messages, on standard error and in log files."""
    found = set()
    for at, _, files in os.walk(folder):
        for name in files:
            path = os.path.join(at, name)
            if not (name == "err" or name.endswith(".log")) or \
                    not os.path.isfile(path):
                continue
            try:
                with open(path, encoding="utf-8", errors="replace") as f:
                    found |= set(re.findall(r"[ \[](S\d{3})\b", f.read()))
            except OSError:
                pass
    return found


def never_said(said, binary):
    """Messages that no case brought about, but for those that can't be."""
    known = json.loads(subprocess.run(
        [binary, "explain", "--json"], check=True, capture_output=True).stdout)
    return sorted({m["code"] for m in known} - said - set(ELSEWHERE))


def report(job, code, keep):
    seconds = time.monotonic() - job.began
    word = {0: "ok", 1: "FAIL", 2: "SKIP"}[code]
    text = job.text.decode("utf-8", "replace").rstrip()
    print("%-4s %s %.1f s%s" % (word, job.name, seconds,
                                ": " + text if text else ""), flush=True)
    if not keep:
        shutil.rmtree(job.folder, ignore_errors=True)


def work(todo, options, top, certs):
    """{0: passed, 1: failed, 2: skipped}, and the codes that were said."""
    jobs, sums, said = {}, {0: 0, 1: 0, 2: 0}, set()
    while todo or jobs:
        while todo and len(jobs) < options.jobs:
            name, case = todo.pop(0)
            job = Job(name, case, options.binary, os.path.join(top, name),
                      certs)
            jobs[job.out] = job
        ready = select.select(list(jobs), [], [], 1)[0]
        for fd, job in list(jobs.items()):
            late = time.monotonic() - job.began > job.limit * house.SLOW
            if late or (fd in ready and not job.take()):
                del jobs[fd]
                code = job.end(late)
                sums[code] += 1
                said |= codes_said(job.folder)
                report(job, code, options.keep)
    return sums, said


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--binary", default=os.path.join(
        HERE, "../../build/salesync"))
    p.add_argument("--jobs", type=int, default=8)
    p.add_argument("--slow", type=int, default=1, help="with sanitizers or "
                   "valgrind: N times the time and the memory is allowed")
    p.add_argument("--keep", action="store_true", help="keep the folders")
    p.add_argument("--list", action="store_true")
    p.add_argument("names", nargs="*")
    o = p.parse_args()
    house.SLOW = o.slow
    o.binary = os.path.abspath(o.binary)
    todo = cases(o.names)
    if o.list:
        print("\n".join(name for name, _ in todo))
        return 0
    if not os.access(o.binary, os.X_OK):
        sys.exit("run.py: there is no " + o.binary)
    top = tempfile.mkdtemp(prefix="salesync-flow-")
    certs = os.path.join(top, "certs")
    tls.make(certs)
    try:
        sums, said = work(todo, o, top, certs)
    finally:
        if o.keep:
            print("kept", top)
        else:
            shutil.rmtree(top, ignore_errors=True)
    if not o.names and not sums[2]:
        silent = never_said(said, o.binary)
        if silent:
            print("FAIL no case brings about: " + " ".join(silent))
            sums[1] += 1
    if sums[2]:
        print("%d skipped" % sums[2])
    print("%d passed, %d failed" % (sums[0], sums[1]))
    return 1 if sums[1] or not sums[0] else 0


if __name__ == "__main__":
    sys.exit(main())
