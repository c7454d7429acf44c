"""Runs that find nothing new: what they leave out, and when they must not."""
import os
import shutil
import signal

import house
from house import Skip, has, plain, same, until


def processes(t, *args, code=0):
    """How many a sync starts."""
    if shutil.which("strace") is None or house.SLOW > 1:
        raise Skip("no strace, or a checker that can't be traced")
    trace = t.path("trace")
    r = t.run("sync", *args, prefix=(
        shutil.which("strace"), "-f", "-qq", "-o", trace, "-e",
        "trace=clone,clone3,fork,vfork"), timeout=60).must(code)
    with open(trace, encoding="ascii") as f:
        return sum("= " in line and "strace" not in line for line in f), r


def case_no_push_without_news(t):
    made = plain(3)
    t.make(made)
    same(processes(t)[0], 2, "processes of a first run")
    # it reads the last order again, and notes what that looks like
    t.ok("sync")
    same(processes(t)[0], 1, "processes of a run without news")
    same(processes(t)[0], 1, "processes of the next")
    touched = t.run("status", "--json").json()[0]["last_run"]
    until(lambda: t.ok("sync") and t.run("status", "--json").json()[0][
        "last_run"] != touched, "a later run in status")
    # the amount of the one that is read again
    made[2]["total"] = "1.00"
    made[2]["line_items"] = []
    t.shop.control(put=made[2])
    count, r = processes(t, code=1)
    same(count, 2, "processes when a sale has changed")
    has(r.err, "S212")
    t.run("sync").must(0)
    same(processes(t)[0], 1, "processes when that is known")
    same(processes(t, "--retry", code=1)[0], 2, "processes with --retry")


def case_a_sale_waits(t):
    """All is as it was, but a run that died left a sale open, and the shop
    has it no more."""
    made = plain(3)
    t.make(made[:2])
    t.ok("sync")
    t.ok("sync")
    t.shop.control(put=made[2])
    t.books.fault("hang", seconds=30)
    run = t.start("sync", detach=True)
    until(lambda: any(r["fault"] for r in t.books.dump()["requests"]),
          "the request")
    os.killpg(run.pid, signal.SIGKILL)
    run.end()
    t.books.control(faults=[])
    t.shop.control(delete=made[2]["id"])

    def settled():
        r = t.run("sync")
        last[:] = [r]
        return r.code != 75
    last = []
    until(settled, "the end of the settle window")
    has(last[0].err, "S22", "what is said of it")
    t.ok("sync")
