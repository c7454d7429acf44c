"""What goes, and when: purge on a clock that libfaketime moves."""
import datetime
import os
import shutil

import expect
from house import has, holds, plain, same
from store_flow import fill, small_disk

DAY = "%Y-%m-%d"


def later(t, days, *args, **how):
    """A command, so many days from now."""
    return t.later("%+dd" % days, *args, **how)


def logs(t):
    return sorted(n for n in os.listdir(t.path("logs"))
                  if not n.endswith(".generation"))


def case_logs(t):
    """One month, whole files, and no file of anybody else."""
    t.make(plain(1))
    t.ok("sync")
    today = logs(t)
    same(len(today), 1, "log files")
    old = datetime.date.today() - datetime.timedelta(days=33)
    t.write("logs/salesync-%s.log" % old.strftime(DAY), "old\n")
    for name in ("notes.txt", "salesync-2020-01-01.log.gz", "x.log",
                 "salesync-2020-13-01.log", "salesync-.log"):
        t.write("logs/" + name, "mine\n")
    before = logs(t)
    r = t.run("purge", "--dry-run").must(0)
    has(r.out, "log files")
    same(logs(t), before, "files after a dry run")
    t.run("purge").must(0)
    same(set(before) - set(logs(t)), {"salesync-%s.log" % old.strftime(DAY)},
         "what went")
    later(t, 27, "purge").must(0)
    holds(today[0] in logs(t), "it went too early")
    later(t, 33, "purge").must(0)
    holds(today[0] not in logs(t), "it is still there")
    holds("notes.txt" in logs(t), "a file of somebody else went")


def case_details(t):
    """The debtor's values of an error go after two months; it stays."""
    made = plain(3)
    t.make(made)
    t.books.fault("refuse", n=2, status=422, body={
        "error": {"contact": ["KANARIE is unknown"]}})
    t.run("sync").must(1)
    has(t.error_rows()[0]["detail"], "KANARIE")
    r = t.run("status", "--json").must(0).json()
    holds(r[0]["next_purge"], "no next purge")
    later(t, 57, "purge").must(0)
    has(t.error_rows()[0]["detail"], "KANARIE")
    later(t, 64, "purge").must(0)
    rows = t.error_rows()
    same([(x["code"], x["detail"]) for x in rows], [("S216", "[gone]")],
         "the error")
    t.ok("sync", "--retry")
    expect.same_books(t.books.dump(), made, sent_once=False)


def case_details_full(t):
    """However much is left on the disk while the store is written anew:
    nothing is lost, nothing stays, and the next purge finishes."""
    made = plain(40)
    small_disk(t, made)
    t.books.fault("refuse", n=20, status=422, body={
        "error": {"contact": ["KANARIE is unknown"]}})
    t.run("sync").must(1)
    t.run("purge").must(0)
    for name in ("store", "logs"):
        shutil.copytree(t.path(name), t.path("backup", name))
    stopped = 0
    for leave in range(0, 262144, 16384):
        put_back(t)
        fill(t, leave)
        r = later(t, 64, "purge")
        holds(r.code in (0, 74), "exit %r" % r)
        if r.code == 74:
            stopped += 1
            holds("S503" in r.err or "S501" in r.err, r.err)
        os.unlink(t.path("store/filler"))
        same(len(t.error_rows()), 1, "errors")
        later(t, 64, "purge").must(0)
        later(t, 64, "audit").must(0)
        same(t.error_rows()[0]["detail"], "[gone]", "the detail")
        same(sorted(os.listdir(t.path("store/tenants/acme"))),
             ["data.mdb", "lock.mdb"], "what is left")
    holds(stopped > 2, "the disk was never full")
    t.ok("sync", "--retry")
    expect.same_books(t.books.dump(), made, sent_once=False)


case_details_full.seconds = 6


def put_back(t):
    """Store and logs as they were; the first is a disk of its own."""
    for name in os.listdir(t.path("store")):
        shutil.rmtree(t.path("store", name), ignore_errors=True)
    shutil.rmtree(t.path("logs"))
    for name in ("store", "logs"):
        shutil.copytree(t.path("backup", name), t.path(name),
                        dirs_exist_ok=True)


def case_nothing_due(t):
    t.make(plain(2))
    t.ok("sync")
    t.ok("purge")
    t.ok("purge")
    rows = t.run("purge", "--json").must(0).json()
    same({r["gone"] for r in rows}, {0}, "what went")


def case_clock_far_off(t):
    """A clock that can't be right does nothing."""
    t.make(plain(2))
    t.ok("sync")
    before = logs(t)
    r = t.later("@1990-01-01 00:00:00", "purge")
    same(r.code, 78, repr(r))
    has(r.err, "S516")
    same(logs(t)[:1], before[:1], "files")


def case_store_stays_small(t):
    """Hundreds of runs leave no more than one."""
    t.make(plain(20))
    t.ok("sync")
    t.run("purge").must(0)
    size = os.path.getsize(t.path("store/tenants/acme/data.mdb"))
    for _ in range(15):
        t.ok("sync")
    same(os.path.getsize(t.path("store/tenants/acme/data.mdb")), size,
         "the store's size")
