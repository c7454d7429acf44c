#!/usr/bin/python3
"""lost.py [--only KIND] - the answer to a changing request does not come.

For every request that changes the books, in turn: it is carried out and the
connection reset, closed, cut in the middle of the answer, answered with
rubbish, with a 500, or not at all; or the client is dead (SIGKILL) before it
is carried out: never, at once, or LATE_S seconds later, when the next run is
already on its way.  The next run starts at once.  Then each sale must be in
the books exactly once, and no debtor twice.
"""
import argparse
import concurrent.futures
import os
import sys
import threading
import time

import ground
from ground import Ground, Stop

LOST = {"lose": {}, "close": {}, "cut": {}, "garbage": {},
        "status": {"status": 500, "body": {"error": "oops"}},
        "hang": {"seconds": 3}, "unsent": {}}
DEAD = {"dead": None, "dead-done": 0.0, "dead-late": 1.5}
SETTLE_S = 4                # longer than a change can come late


class Dead(Exception):
    """Not carried out: who asked is gone."""


def count(g):
    """How many changes a clean run makes."""
    g.back()
    g.books_back()
    g.must("sync", "t")
    if g.golden is None:
        g.gild()
    return sum(1 for r in g.world.requests if ground.CHANGING.match(r["line"]))


def answer_lost(g, n, kind):
    """The client lives, and may find out by itself."""
    g.back()
    g.books_back()
    g.world.control({"faults": [dict(LOST[kind], kind=kind, n=n)]})
    fast = ground.fast_clock()
    code = g.run("sync", "t", clock=fast)
    said, hit = g.said, any(r["fault"] for r in g.world.requests)
    wrong = [] if hit else ["the fault did not happen"]
    if code == 0:
        wrong += ["success before it was done: " + w for w in g.faults()]
    return wrong, code, said, fast


def client_dead(g, n, kind):
    """The client is killed while its request lies with the books."""
    g.back()
    g.books_back()
    seen, process, came = [], [], threading.Event()

    def hook(line):
        seen.append(line)
        if len(seen) != n:
            return None
        came.set()
        ground.kill_group(process[0])
        if DEAD[kind] is None:
            raise Dead()
        time.sleep(DEAD[kind])
        return None
    g.world.hook = hook
    process.append(g.begin("sync", "t"))
    code = g.end(process[0])
    wrong = [] if came.is_set() else ["the client was not killed"]
    if kind == "dead-done":
        g.idle()
    late = kind == "dead-late"
    return wrong, code, g.said, None if late else ground.fast_clock()


def trial(g, n, kind):
    try:
        wrong, code, said, clock = (answer_lost if kind in LOST else
                                    client_dead)(g, n, kind)
        again = g.again(lambda: g.run("sync", "t", clock=clock))
        if again != 0:
            wrong.append("the rerun ends with %d: %s" % (again, g.said))
        g.idle()
        wrong += g.faults() + g.quiet()
    except Exception as e:                      # it goes to the report
        return ["%s: %r" % (type(e).__name__, e)]
    if wrong:
        wrong.append("(the first run: %d %s)" % (code, said.strip()))
    return wrong


def pools(top, kinds):
    """Trials of patience run side by side, the others one to a processor."""
    patient = [k for k in kinds if k == "dead-late"]
    quick = [k for k in kinds if k != "dead-late"]
    return [(quick, os.cpu_count() or 2), (patient, 10)]


def run(report, top, kinds, width):
    grounds = []
    for i in range(width):
        g = Ground(top, "%s-%d" % (kinds[0], i), settle="%ds" % SETTLE_S,
                   timeout="20s")       # a second, by a fast clock
        g.online()
        g.stock()
        g.keep("store", "logs")
        changes = count(g)
        grounds.append(g)
    if changes < 15:
        raise Stop("a clean run makes %d changes only" % changes)

    def mine(g, i):
        all_of = [(n, k) for k in kinds for n in range(1, changes + 1)]
        for n, kind in all_of[i::width]:
            report.take("%s %d" % (kind, n), trial(g, n, kind))
    with concurrent.futures.ThreadPoolExecutor(width) as pool:
        for f in [pool.submit(mine, g, i) for i, g in enumerate(grounds)]:
            f.result()
    for g in grounds:
        g.close()


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--only", action="append", choices=[*LOST, *DEAD])
    o = p.parse_args()
    top, report = ground.memory_dir(), ground.Report("lost")
    ground.tls.make(os.path.join(top, "tls"))
    try:
        for kinds, width in pools(top, o.only or [*LOST, *DEAD]):
            if kinds:
                run(report, top, kinds, width)
    finally:
        ground.shutil.rmtree(top, ignore_errors=True)
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
