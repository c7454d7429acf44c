"""Tenants whose books are the same: a debtor of both is one contact there,
whatever befalls their runs.
"""
import contextlib
import fcntl
import functools
import os
import random
import signal
import time

import expect
from house import SLOW, has, holds, plain, same, until

TENANTS = ("north", "south")
LOCKS = ["store/books/%02x.lock" % n for n in range(256)]
CONTACT = "^POST .*/contacts"


def two(t, emails, seed=1, settle="2s"):
    """Two tenants, each with a shop of its own, in which these buy."""
    t.books = t.fake_books()
    t.init()
    t.made, t.shops = {}, {}
    for i, name in enumerate(TENANTS):
        order = list(emails)
        random.Random(seed * 10 + i).shuffle(order)
        t.made[name] = plain(len(order), i + 1)
        for sale, email in zip(t.made[name], order):
            sale["billing"]["email"] = email
        t.shops[name] = t.fake_shop(t.made[name])
        t.tenant(name, shop=t.shops[name], source=name, settle=settle)


def ten():
    return ["debtor%d@example.test" % n for n in range(10)]


def exact(t, contacts):
    dump = t.books.dump()
    for name, made in t.made.items():
        expect.same_books(dump, made, name)
    same(sorted(c["email"].lower() for c in dump["contacts"]),
         sorted(contacts), "contacts")


def side_by_side(t, seed):
    two(t, ten(), seed)
    t.books.control(contact_lag_s=4, jitter_s=0.05)
    t.ok("sync")
    exact(t, ten())
    t.ok("sync")


for n in range(2):
    globals()["case_side_by_side_%d" % n] = functools.partial(
        side_by_side, seed=n)


def case_by_hand(t):
    """push takes its turn as well."""
    two(t, ten(), 7)
    t.books.control(contact_lag_s=4, jitter_s=0.05)
    run = t.start("sync", "north")
    r = t.shell("$S pull south | $S push south", 60)
    same((r.code, r.err), (0, ""), "by hand")
    same(run.end().code, 0, "north")
    exact(t, ten())


def dies(t, n, kind, seconds):
    """north's run dies over its n-th contact."""
    t.books.control(contact_lag_s=4, faults=[
        {"kind": kind, "n": n, "seconds": seconds, "match": CONTACT}])
    run = t.start("sync", "north", detach=True)
    until(lambda: any(r["fault"] for r in t.books.dump()["requests"]),
          "the contact")
    os.killpg(run.pid, signal.SIGKILL)
    run.end()


def killed(t, n, kind, seconds, settle):
    two(t, ten(), 3, settle)
    dies(t, n, kind, seconds)

    def done():
        r = t.run("sync")
        holds(r.code in (0, 75), repr(r))
        return r.code == 0
    until(done, "done", 50)
    exact(t, ten())


for n in (1, 5):
    # it is in the books, and nobody has written that down
    globals()["case_killed_%d" % n] = functools.partial(
        killed, n=n, kind="hang", seconds=30, settle="2s")
    # it comes when the client is gone
    globals()["case_killed_and_late_%d" % n] = functools.partial(
        killed, n=n, kind="late", seconds=3, settle="5s")


def case_lost(t):
    """north's answer is lost; south does not take "not found" for it."""
    two(t, ten(), 4)
    t.books.control(contact_lag_s=4, jitter_s=0.05, faults=[
        {"kind": "late", "n": 3, "seconds": 1, "match": CONTACT}])
    t.ok("sync")
    exact(t, ten())


def case_refused(t):
    """A contact that the books refuse is in nobody's way."""
    two(t, ten() + ["no address"], 5)
    r = t.run("sync").must(1)
    same(r.err.count("S220"), 2, "stderr " + r.err)
    dump = t.books.dump()
    same(sorted(c["email"] for c in dump["contacts"]), sorted(ten()),
         "contacts")
    same(len(dump["documents"]), 20, "documents")


def case_held(t):
    """While others are at it for too long, a new debtor's sale waits; those
    of known ones go on."""
    two(t, ["anna@example.test"])
    t.ok("sync")
    exact(t, ["anna@example.test"])
    more = plain(3)[1:]
    more[0]["billing"]["email"] = "new@example.test"
    more[1]["billing"]["email"] = "anna@example.test"
    for order in more:
        t.shops["north"].control(put=order)
    with contextlib.ExitStack() as held:
        for name in LOCKS:
            f = held.enter_context(open(t.path(name), "ab"))
            fcntl.flock(f, fcntl.LOCK_EX)
        run = t.start("sync", "north")
        until(lambda: len(t.books.dump()["documents"]) == 3, "Anna's", 30)
        same(len(t.books.dump()["contacts"]), 1, "contacts")
        run.kill(signal.SIGTERM)
        r = run.end()
        same(r.code, 75, repr(r))
    t.ok("sync")
    exact(dict_of(t, more), ["anna@example.test", "new@example.test"])


def dict_of(t, more):
    t.made["north"] = t.made["north"] + more
    return t


def case_clock_was_ahead(t):
    """A moment of next year is nobody's."""
    two(t, ["anna@example.test"])
    t.made["south"][0]["billing"]["email"] = "piet@example.test"
    t.shops["south"].control(put=t.made["south"][0])
    t.ok("sync", "north")
    at = "%012d\n" % (time.time() + 366 * 86400)
    for name in LOCKS:
        t.write(name, at)
    t.ok("sync")
    exact(t, ["anna@example.test", "piet@example.test"])
    same(sum(t.read(name) != at for name in LOCKS), 1, "that was Piet's")


def case_other_books(t):
    """Tenants with books of their own have no lock, and no folder for one."""
    two(t, ten()[:2])
    t.tenants["south"]["books"]["administration"] = "987654321"
    t.configure()
    t.ok("sync", "north")
    holds(not os.path.exists(t.path("store/books")), "a folder")


def case_sources_of_one_name(t):
    """Order 1001 of both bears one reference, which a person is told."""
    two(t, ten()[:2])
    south = t.tenants["south"]
    south["sources"] = {"north": south["sources"]["south"]}
    t.configure()
    told = "tenant south has the same books and a source north too"
    has(t.run("check", "--offline", "north").must(1).err, told)
    r = t.run("sync", "north").must(0)
    same(r.err, "salesync: north: %s [S422]\n" % told, "stderr")
    same(t.run("sync", "--dry-run", "north").must(0).err, "", "of a dry run")
    # One after the other they may be.
    t.tenants["north"]["contract"]["end"] = "2024-12-31"
    south["contract"]["start"] = "2025-01-01"
    t.configure()
    t.run("check", "--offline", "north").must(0)


def case_many_at_a_time(t):
    """Who makes contacts for different debtors does not wait for others."""
    t.books = t.fake_books()
    t.init()
    t.made, t.shops = {}, {}
    for i in range(8):
        name = "t%d" % i
        t.made[name] = plain(4, i + 1)
        for n, sale in enumerate(t.made[name]):
            sale["billing"]["email"] = "d%d.%d@example.test" % (i, n)
        t.shops[name] = t.fake_shop(t.made[name])
        t.tenant(name, shop=t.shops[name], source=name)
    r = t.run("sync").must(0)
    holds(r.seconds < 16 * SLOW, "it took %.0f s" % r.seconds)
    exact(t, ["d%d.%d@example.test" % (i, n)
              for i in range(8) for n in range(4)])
