"""Many tenants at a time: what befalls one never touches another."""
import os
import signal

import expect
from house import has, holds, orders, plain, same, until

KINDS = ["plain", "refund_part", "company", "coupon", "de"]


def processes(pid):
    """The ids of the processes below it."""
    with open("/proc/%d/task/%d/children" % (pid, pid)) as f:
        return [int(n) for n in f.read().split()]


def many(t, n, **conf):
    """n tenants, each with a shop and an administration of its own."""
    t.books = t.fake_books()
    t.books.control(admins=["%d" % (100 + i) for i in range(n)])
    t.init(**conf)
    t.made, t.shops = {}, {}
    for i in range(n):
        name = "t%02d" % i
        t.made[name] = orders(4, i + 1, KINDS)
        t.shops[name] = t.fake_shop(t.made[name])
        t.tenant(name, shop=t.shops[name], source=name,
                 administration="%d" % (100 + i))


def exact(t, but=()):
    dump = t.books.dump()
    for name, made in t.made.items():
        if name not in but:
            expect.same_books(dump, made, name)
    same([d["reference"] for d in dump["documents"]
          if d["reference"].split("-")[0] in but], [], "documents of others")


def case_twelve(t):
    many(t, 12)
    t.ok("sync")
    exact(t)
    t.ok("sync")
    t.ok("dedupe")
    rows = t.run("sync", "--json").must(0).json()
    same(sorted(r["tenant"] for r in rows), sorted(t.made), "the table")
    same({r["exit"] for r in rows}, {0}, "exits")


def case_bad_ones_among_them(t):
    """One hangs over the time limit, one sends garbage, one crashes."""
    many(t, 12, time_limit="4s")
    t.shops["t03"].control(fault="hang", seconds=30, times=0)
    t.tenants["t03"]["sources"]["t03"]["timeout"] = "30s"
    t.shops["t05"].control(fault="garbage", times=0)
    t.shops["t07"].control(fault="hang", seconds=30, times=0)
    t.tenants["t07"]["sources"]["t07"]["timeout"] = "30s"
    t.configure()
    run = t.start("sync")
    pull = []

    def hanging():
        """Which pull asks t07's shop: by its open sockets."""
        pull[:] = [p for p in processes(run.pid)
                   if talks_to(p, t.shops["t07"].port)]
        return pull and t.shops["t07"].dump()["requests"]
    until(hanging, "t07 under way")
    os.kill(pull[0], signal.SIGABRT)
    r = run.end()
    same(r.code, 70, "exit: " + r.err)
    lines = r.err.splitlines()
    same(len(lines), 3, "lines of stderr: " + r.err)
    has(r.err, "the pull process of t07 died of signal 6 [S107]")
    has(r.err, "the run of t03 took longer than 4 s and was ended [S106]")
    has(r.err, "salesync: t05/t05: ")
    holds(r.seconds < 12, "it took %.0f s" % r.seconds)
    exact(t, ("t03", "t05", "t07"))
    for name in ("t03", "t05", "t07"):
        t.shops[name].control(fault=None)
    t.ok("sync")
    exact(t)


def talks_to(pid, port):
    """Whether the process has a TCP connection to this port."""
    inodes = set()
    try:
        for fd in os.listdir("/proc/%d/fd" % pid):
            name = os.readlink("/proc/%d/fd/%s" % (pid, fd))
            if name.startswith("socket:["):
                inodes.add(name[8:-1])
    except OSError:
        return False
    with open("/proc/net/tcp") as f:
        rows = [r.split() for r in f.readlines()[1:]]
    return any(r[9] in inodes and int(r[2].split(":")[1], 16) == port
               for r in rows)


def case_push_crashes(t):
    """The process that talks to the books dies: nothing twice."""
    many(t, 3)
    t.books.fault("hang", n=5, seconds=30)
    run = t.start("sync")
    until(lambda: any(r["fault"] for r in t.books.dump()["requests"]),
          "the request")
    push = [p for p in processes(run.pid) if talks_to(p, t.books.port)]
    for pid in push:        # another than the one that hangs may be done
        os.kill(pid, signal.SIGKILL)
    t.books.control(faults=[])
    r = run.end(60)
    holds(r.code in (70, 75), repr(r))
    has(r.err, "the push process of")
    t.ok("sync")
    exact(t)


def case_locked_one_hurts_nobody(t):
    """Its place in the table of pairs is that of a pair that moved."""
    many(t, 3, parallel=2)
    # t02 is held by a run of its own; t01 takes its time; t00 is quick
    t.shops["t02"].control(fault="hang", seconds=3, times=1)
    t.shops["t01"].control(fault="hang", seconds=2, times=1)
    for name in ("t01", "t02"):
        t.tenants[name]["sources"][name]["timeout"] = "30s"
    t.configure()
    first = t.start("sync", "t02")
    until(lambda: t.shops["t02"].dump()["requests"], "t02 under way")
    r = t.run("sync")
    first.end()
    same(r.err.count("S107"), 0, "a process was killed: " + r.err)
    same(r.code, 75, "exit: " + r.err)
    has(r.err, "another run holds tenant t02 [S105]")
    exact(t, () if t.run("sync").code == 0 else ("t01", "t02"))


def case_one_named(t):
    many(t, 3)
    t.ok("sync", "t01")
    exact(t, ("t00", "t02"))
    has(t.run("sync", "t1").must(78).err, "S604")


def case_two_sources(t):
    """Two shops of one tenant: one fails, the other's cursor moves."""
    many(t, 1)
    web = t.fake_shop(plain(3, 8))
    t.tenants["t00"]["sources"]["web"] = t.connection("woocommerce", web.url)
    t.configure()
    t.rotate("t00", "web", "consumer_key=ck_test\nconsumer_secret=cs_test\n")
    web.control(fault="garbage", times=0)
    r = t.run("sync").must(69)
    same(len(r.err.splitlines()), 1, "lines of stderr: " + r.err)
    exact(t)
    web.control(fault=None)
    t.ok("sync", "--source", "web")
    dump = t.books.dump()
    expect.same_books(dump, plain(3, 8), "web")
    expect.same_books(dump, t.made["t00"], "t00")
    t.ok("sync")


def case_same_numbers(t):
    """Order 1001 of one shop is not order 1001 of the other."""
    many(t, 2)
    same(t.made["t00"][0]["number"], t.made["t01"][0]["number"], "numbers")
    t.ok("sync")
    exact(t)


def case_time_limit(t):
    many(t, 2, time_limit="2s")
    t.shops["t01"].control(fault="hang", seconds=30, times=0)
    t.tenants["t01"]["sources"]["t01"]["timeout"] = "60s"
    t.configure()
    r = t.run("sync").must(75)
    same(len(r.err.splitlines()), 1, "lines of stderr: " + r.err)
    has(r.err, "S106")
    holds(r.seconds < 9, "it took %.0f s" % r.seconds)
    exact(t, ("t01",))
