#!/usr/bin/python3
"""kill.py [--all] [--every K] [--only NAME] [--point ROLE:N] [--shards N]

Kills the shipped binary (SIGKILL, from outside) at every one of its system
calls, runs it again, and looks: each sale exactly once in the books and right
to the cent, no debtor twice, nothing left open, nothing left lying about.

  pull, push      `pull T | push T` between a shop and books over TLS
  sync            `sync T`: the parent, the push and the pull process; and all
                  three at once, as when the machine goes down
  correct         push, with a sale that changed and on_change: correct
  anew            the same, from a folder to a journal
  undo            `undo T RUN`, of a run from a folder to a journal
  shared          `push T`, and then a run of two tenants with the same books
  journal, ubl    `sync` from a folder to a journal or to UBL files, from an
                  empty store
  till            the same, with the receipts of a day as one summary
  purge           with something due under every rule
  first, rotate   rotate-credentials for the first time, and for a new token
  refresh, once   an OAuth token renewed, at a vendor who forgives a second
                  use of a refresh token for a minute, and at one who does not
  master, move    rotate-credentials --master-key, and with --to
  reseal          rotate-credentials --tenant-key

Every call from the first that reaches the network or the disk is a point;
of the calls before it, every third (--every K, --all: every one).  Of what is
booked by the same code in another order, a part of the points is taken
(`step`), unless --all.
"""
import argparse
import datetime
import json
import multiprocessing
import os
import re
import sys
import traceback

import ground
import tokens
from change_flow import dearer
from ground import Ground, Stop
from scenario import Scenario

FUTURE = 70                 # days: two months and some
INVOICES = """number,date,tenant,currency,excl,vat,incl
OLD,2012-05-01,u,EUR,1.00,0.21,1.21
NEW,%s,t,EUR,1.00,0.21,1.21
""" % datetime.date.today()
# A number in a temporary file, which the next run that writes it takes along.
SWEPT = re.compile(r"\.[a-z]+\.generation\.[0-9]+\.tmp$")


class Online(Scenario):
    """Between a shop and books that were never synced before."""

    def prepare(self):
        self.g.online()
        self.g.stock()
        self.g.keep("store", "logs")
        self.g.must("sync", self.tenant)
        self.g.gild()

    def after(self):
        return self.g.faults() + self.g.quiet()


class Sync(Online):
    """Parent, push and pull of one run, with an earlier one behind it."""

    roles = (0, 1, 2)

    def prepare(self):
        g = self.g
        g.online()
        g.stock(ground.KINDS[:1])
        g.must("sync", self.tenant)
        g.stock()
        g.more_stock()
        g.keep("store", "logs")
        g.keep_books()
        g.must("sync", self.tenant)
        g.gild()
        if len(g.golden[0]) != 6:
            raise Stop("a clean run books %d of 6" % len(g.golden[0]))


class Correct(Online):
    """A credit note and a new document, for a sale that changed."""

    roles, step = (2,), 5

    def prepare(self):
        g = self.g
        g.online()
        g.rule("on_change: correct")
        g.stock(ground.KINDS[:2])
        g.must("sync", self.tenant)
        g.more_stock()
        with g.shop.lock:
            order = max(g.shop.orders.values(), key=lambda o: o["total"])
            g.shop.orders[order["id"]] = dearer(order)
            g.shop.modified(g.shop.orders[order["id"]],
                            datetime.datetime.utcnow().replace(microsecond=0))
        g.keep("store", "logs")
        g.keep_books()
        g.must("sync", self.tenant)
        g.gild()
        if len(g.golden[0]) != 5:
            raise Stop("a clean run leaves %d of 5" % len(g.golden[0]))


class SyncGroup(Sync):
    """All three processes at once, counted by what push does."""

    roles = (1,)
    group = True


class Pull(Online):
    def start(self, before):
        return self.g.pipe(self.tenant, before_pull=before)

    def rerun(self):
        return self.g.pipe(self.tenant, clock=ground.fast_clock())


class Push(Pull):
    def start(self, before):
        return self.g.pipe(self.tenant, before_push=before)


class Shared(Push):
    """Two tenants of the same books, in which the same people buy: one dies,
    and then both run."""

    step = 6

    def done(self):
        """The other tenant has not run yet."""
        return []

    def prepare(self):
        g = self.g
        g.online()
        g.online("u", source="web")
        g.stock()
        g.keep("store", "logs")
        g.must("sync")
        g.gild()
        if len(g.golden[0]) != 10:
            raise Stop("a clean run books %d of 10" % len(g.golden[0]))

    def reset(self):
        super().reset()
        self.g.books.contact_lag_s = 4.0 / ground.LATE

    def rerun(self):
        return self.g.run("sync", clock=ground.fast_clock())


class Journal(Scenario):
    """No network, and a store that is not there yet."""

    roles = (0, 1, 2)
    books, place = ground.JOURNAL, "books.journal"
    paid_back = "till:104"

    def prepare(self):
        g = self.g
        g.local(self.tenant, self.books)
        g.write("sales/day.jsonl", "".join(
            [ground.sale_line(i) for i in range(3)] +
            [ground.sale_line(4, "order"),
             ground.sale_line(5, "refund", refund_of="104")]))
        g.keep("store", "logs", self.place)
        g.must("sync", self.tenant)
        self.right = self.booked()
        if len(self.right) != 5:
            raise Stop("a clean run books %d of 5" % len(self.right))

    def reset(self):
        self.g.back()

    def booked(self):
        """The transactions, without the accounts they open."""
        try:
            with open(self.g.path("books.journal"), encoding="utf-8") as f:
                text = re.sub("1970-01-01 open .*\n", "", f.read())
        except FileNotFoundError:
            return []
        return sorted(b.strip() for b in text.split("; begin ")[1:])

    def opened_twice(self):
        with open(self.g.path("books.journal"), encoding="utf-8") as f:
            opens = [w for w in f if w.startswith("1970-01-01 open ")]
        return ["an account is opened twice"] * (
            len(opens) != len(set(opens)))

    def counted_twice(self):
        """What went back of an order, beside its record."""
        code = self.g.run("dedupe", "--show", self.paid_back, self.tenant)
        said = [w.split()[-3:-1] for w in self.g.wrote.splitlines()
                if "refunded" in w]
        return [] if code == 0 and said == [["-10.00", "-12.10"]] else [
            "of the refunded order: %r %s" % (said, self.g.said)]

    def after(self):
        now = self.booked()
        wrong = ["booked twice" for b in set(now) if now.count(b) > 1]
        wrong += ["lost" for b in self.right if b not in now]
        wrong += ["cut: " + b for b in now if b not in self.right]
        wrong += self.opened_twice() + self.counted_twice()
        code = self.g.run("sync", self.tenant)
        if code != 0 or self.booked() != now:
            wrong.append("the run after it: %d %s" % (code, self.g.said))
        return wrong


class Till(Journal):
    """Receipts of two days, of which one came late: three summaries, and each
    receipt in one of them."""

    paid_back = "till:102"
    step = 5

    def prepare(self):
        g = self.g
        g.local(self.tenant, self.books)
        path = g.path("tenants.d", self.tenant + ".yaml")
        with open(path, encoding="utf-8") as f:
            text = f.read()
        g.write("tenants.d/%s.yaml" % self.tenant, text.replace(
            "path: sales\n", "path: sales\n    receipts: day\n"))
        first = [ground.sale_line(0), ground.sale_line(1)]
        g.write("sales/day.jsonl", "".join(first))
        g.must("sync", self.tenant)
        g.write("sales/day.jsonl", "".join(first + [
            ground.sale_line(i, placed="2025-11-%02dT10:00:00Z" % d)
            for i, d in ((2, 3), (3, 4), (4, 4))] + [
            ground.sale_line(5, "refund", refund_of="102")]))
        g.keep("store", "logs", self.place)
        g.must("sync", self.tenant)
        self.right = self.booked()
        if len(self.right) != 3:
            raise Stop("a clean run books %d of 3" % len(self.right))


class Anew(Journal):
    """A receipt changed after it was booked."""

    roles, step = (2,), 5

    def prepare(self):
        g = self.g
        g.local(self.tenant, self.books)
        g.rule("on_change: correct", self.tenant)
        g.write("sales/1.jsonl", ground.sale_line(1) + ground.sale_line(2))
        g.must("sync", self.tenant)
        line = ground.sale_line(1).replace("10.00", "20.00").replace(
            "2.10", "4.20").replace("14.20", "24.20")
        g.write("sales/2.jsonl", line + ground.sale_line(3))
        g.keep("store", "logs", self.place)
        g.must("sync", self.tenant)
        self.right = self.booked()
        if len(self.right) != 5:
            raise Stop("a clean run leaves %d of 5" % len(self.right))

    def counted_twice(self):
        return []


class Undo(Journal):
    """A run is taken back, refunds first; and nothing comes again unasked."""

    roles, step = (0,), 5

    def prepare(self):
        g = self.g
        g.local(self.tenant, self.books)
        g.write("sales/day.jsonl", "".join(
            [ground.sale_line(i) for i in range(3)] +
            [ground.sale_line(4, "order"),
             ground.sale_line(5, "refund", refund_of="104")]))
        g.must("sync", self.tenant)
        g.must("undo", "--list", "--json", self.tenant)
        self.run = json.loads(g.wrote)[0]["run"]
        g.keep("store", "logs", self.place)
        g.must("undo", self.tenant, self.run)
        self.right = self.booked()
        if len(self.right) != 10:
            raise Stop("a clean undo leaves %d of 10" % len(self.right))

    def start(self, before):
        return self.g.run("undo", self.tenant, self.run, before=before)

    def rerun(self):
        clock = ground.fast_clock()
        code = self.g.run("sync", self.tenant, clock=clock)
        again = self.g.run("undo", self.tenant, self.run, clock=clock)
        return again or (code if code != 1 else 0)

    def counted_twice(self):
        self.g.run("dedupe", "--show", "till:104", self.tenant)
        return ["what went back: " + self.g.wrote] * (
            "refunded" in self.g.wrote)

    def after(self):
        wrong = super().after()
        self.g.run("errors", "--json", self.tenant)
        codes = [e["code"] for e in json.loads(self.g.wrote)]
        return wrong + ["errors: %r" % codes] * (codes != ["S236"] * 5)


class Ubl(Journal):
    """A file for each sale; none is half there, and no copy is left."""

    books, place, step = ground.UBL, "ubl", 4

    def prepare(self):
        os.makedirs(self.g.path("ubl"))
        super().prepare()

    def booked(self):
        out = []
        for name in sorted(os.listdir(self.g.path("ubl"))):
            with open(self.g.path("ubl", name), encoding="utf-8") as f:
                out.append(name + f.read())
        return out

    def opened_twice(self):
        return []


def noise(data):
    """Pieces of it that nothing else has by chance."""
    every = (data[at:at + 32] for at in range(0, len(data) - 32, 32))
    return [p for p in every if len(set(p)) > 20]


class Purge(Scenario):
    """Debtors' values of an old error, a tenant whose file is gone and whose
    term is over, an invoice of long ago, and log files; beside them an error,
    a tenant and an invoice that must stay."""

    def prepare(self):
        g = self.g
        end = datetime.date.today() - datetime.timedelta(days=5)
        g.online()
        g.online("u", ", end: %s" % end, "1")
        g.stock()
        order = g.shop.orders[max(g.shop.orders)]
        order["billing"]["email"] = "canary@@example"
        if g.run("sync", self.tenant) != 1:
            raise Stop("no sale was refused: " + g.said)
        g.gild()
        g.write("i.csv", INVOICES)
        g.must("invoices", "import", g.path("i.csv"))
        g.remove(g.path("tenants.d/u.yaml"))
        g.keep("store", "logs")
        self.clock = ground.fast_clock()
        self.clock["FAKETIME"] = "+%dd" % FUTURE
        self.names = None
        self.old = {n: self.data(n) for n in ("tenants/t", "operator")}
        self.gone = {}

    def data(self, name):
        with open(self.g.path("store", name, "data.mdb"), "rb") as f:
            return f.read()

    def reset(self):
        self.g.back()

    def start(self, before):
        return self.g.run("purge", before=before, clock=self.clock)

    def rerun(self):
        return self.start(())

    def between(self):
        """The keys go before what they open."""
        has = [os.path.exists(self.g.path(n)) for n in (
            "store/keys/u.ring", "store/tenants/u/data.mdb")]
        return ["its keys outlive its data"] if has == [True, False] else []

    def clean(self):
        self.names = self.listed()
        for name, old in self.old.items():
            new = self.data(name)
            self.gone[name] = [p for p in noise(old) if p not in new]
            if not self.gone[name]:
                raise Stop("a clean run drops nothing of " + name)
        if [n for n in self.names if re.search(r"\bu\b", n)]:
            raise Stop("a clean run leaves of u: %s" % self.names)

    def listed(self):
        """What there is; of certificates there may be more than one."""
        return sorted(os.path.relpath(os.path.join(d, n), self.g.dir)
                      for top in ("store", "logs")
                      for d, _, names in os.walk(self.g.path(top))
                      for n in names if not SWEPT.match(n) and
                      not n.startswith("purge-"))

    def after(self):
        g = self.g
        wrong = []
        if g.run("audit", "--json", clock=self.clock) != 0:
            wrong.append("still there: " + g.said)
        rows = [(r["tenant"], r["count"]) for r in json.loads(g.wrote)
                if r["rule"] == "invoices"]
        if rows != [("t", 1)]:
            wrong.append("invoices: %s" % rows)
        if self.names is None:
            return wrong
        if self.listed() != self.names:
            wrong.append("files: %s" % (set(self.listed()) ^
                                        set(self.names)))
        wrong += self.certificates()
        for name, gone in self.gone.items():
            now = self.data(name)
            if any(p in now for p in gone):
                wrong.append("old bytes in " + name)
        g.world.forget()
        code = g.run("sync", self.tenant)
        if code != 0 or g.world.requests:
            wrong.append("a run after it: %d %s" % (code, g.said))
        return wrong + g.faults()

    def certificates(self):
        """Whole, or not there."""
        g, at = self.g, self.g.path("store/certificates")
        names = os.listdir(at) if os.path.isdir(at) else []
        return ["a certificate: " + g.said for n in names
                if g.run("audit", "--verify", os.path.join(at, n)) != 0]


class Master(Scenario):
    """A new master key around the keys of three tenants."""

    tenants = ("a", "b", "c")

    def prepare(self):
        g = self.g
        for name in self.tenants:
            g.online(name, administration=str(ord(name)))
        g.write("new.yaml", ground.SYNC.replace("master.key",
                                                "master.key.new"))
        g.keep("store", "logs", "master.key")
        self.names = None

    def reset(self):
        for name in os.listdir(self.g.dir):
            if "master.key." in name:
                self.g.remove(self.g.path(name))
        super().reset()

    def start(self, before):
        return self.g.run("rotate-credentials", "--master-key",
                          before=before)

    def rerun(self):
        return self.start(())

    def opens(self, name, config):
        return self.g.run("errors", name, config=config) == 0

    def between(self):
        return ["the keys of %s are lost" % n for n in self.tenants if
                not self.opens(n, "sync.yaml") and
                not self.opens(n, "new.yaml")]

    def listed(self):
        return sorted(os.listdir(self.g.path("store/keys")) +
                      [n for n in os.listdir(self.g.dir) if "master" in n])

    def clean(self):
        self.names = self.listed()

    def after(self):
        wrong = ["%s does not open: %s" % (n, self.g.said) for n in
                 self.tenants if not self.opens(n, "sync.yaml")]
        if self.names is not None and self.listed() != self.names:
            wrong.append("left behind: %s" % (set(self.listed()) ^
                                              set(self.names)))
        return wrong


class Move(Master):
    """The same, to a key that comes from elsewhere."""

    how = "command:cat "

    def prepare(self):
        super().prepare()
        g = self.g
        g.write("next", "ab" * 32 + "\n", 0o400)
        with open(g.path("new.yaml"), "w", encoding="utf-8") as f:
            f.write(ground.SYNC.replace("file:master.key",
                                        self.how + g.path("next")))

    def start(self, before):
        return self.g.run("rotate-credentials", "--master-key", "--to",
                          self.how + self.g.path("next"), before=before)

    def between(self):
        return ["the keys of %s are lost" % n for n in self.tenants if
                not self.opens(n, "sync.yaml")]

    def after(self):
        return super().after() + [
            "%s does not open with the new key alone: %s" % (n, self.g.said)
            for n in self.tenants if not self.opens(n, "new.yaml")]


class Reseal(Scenario):
    """A new data key for a tenant that was synced before."""

    def prepare(self):
        g = self.g
        g.online()
        g.stock()
        g.must("sync", self.tenant)
        g.gild()
        g.keep("store", "logs")
        g.keep_books()
        with open(g.path("store/tenants/t/data.mdb"), "rb") as f:
            self.old = f.read()

    def start(self, before):
        return self.g.run("rotate-credentials", "--tenant-key", self.tenant,
                          before=before)

    def rerun(self):
        return self.start(())

    def between(self):
        """Nothing is booked again, and all of it opens."""
        g = self.g
        code = g.run("errors", self.tenant)
        return g.quiet() + (["it does not open: " + g.said] if code else [])

    def after(self):
        g = self.g
        wrong = self.between()
        if g.run("check", "--offline", self.tenant) != 0:
            wrong.append("check: " + g.said)
        with open(g.path("store/keys/t.ring"), "rb") as f:
            if len(f.read()) != 109:
                wrong.append("the old key is still there")
        with open(g.path("store/tenants/t/data.mdb"), "rb") as f:
            new = f.read()
        if any(p in new for p in noise(self.old)):
            wrong.append("old bytes")
        return wrong


SCENARIOS = {"pull": Pull, "push": Push, "sync": Sync, "down": SyncGroup,
             "correct": Correct, "shared": Shared, "journal": Journal,
             "till": Till, "anew": Anew, "undo": Undo, "ubl": Ubl,
             "purge": Purge, "master": Master, "move": Move,
             "reseal": Reseal, **tokens.SCENARIOS}


def points(calls, first, every):
    """The calls to kill at; a few more, since runs differ a little."""
    first = first or calls
    return [n for n in range(1, calls + 4)
            if n >= first or (n - 1) % every == 0]


def shard(options, top, index, queue):
    """A part of all points, on a ground of its own."""
    killat = ground.killat()
    for name, kind in SCENARIOS.items():
        if options.only and name not in options.only:
            continue
        try:
            g = Ground(top, "%s-%d" % (name, index))
            s = kind(g, killat)
            for role in kind.roles:
                mine = points(*s.count(role), options.every)
                mine = mine[::1 if options.all else kind.step]
                mine = mine[index::options.shards]
                if options.point:
                    mine = [n for r, n in options.point if r == role]
                for n in mine:
                    wrong, reached = s.trial(role, n)
                    queue.put((name, role, n, reached, wrong))
            g.close()
            g.remove(g.dir)
        except Exception:                       # it goes to the report
            queue.put((name, 0, 0, False, [traceback.format_exc()]))
    queue.put(None)


class Report(ground.Report):
    """And how many points there were of each process."""

    def __init__(self):
        super().__init__("kill")
        self.rows = {}

    def point(self, name, role, n, reached, wrong):
        row = self.rows.setdefault((name, role), [0, 0, 0])
        row[0] += 1
        row[1] += bool(wrong)
        row[2] += not reached
        self.take("%s %d:%d" % (name, role, n), wrong)

    def end(self):
        print("%-8s %4s %7s %7s %9s" % ("what", "role", "points", "failed",
                                        "past end"))
        for (name, role), (n, failed, beyond) in sorted(self.rows.items()):
            print("%-8s %4d %7d %7d %9d" % (name, role, n, failed, beyond))
        print("kill: %d points" % (self.passed + self.failed))
        return super().end()


def role_point(text):
    role, n = text.split(":")
    return int(role), int(n)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--all", action="store_true")
    p.add_argument("--every", type=int, default=3)
    p.add_argument("--only", action="append", choices=sorted(SCENARIOS))
    p.add_argument("--point", action="append", type=role_point)
    p.add_argument("--shards", type=int, 
                   default=2 * (os.cpu_count() or 1))
    o = p.parse_args()
    if o.all:
        o.every = 1
    if o.point:
        o.shards = 1
    ground.killat()
    top = ground.memory_dir()
    ground.tls.make(os.path.join(top, "tls"))
    queue, report = multiprocessing.Queue(), Report()
    shards = [multiprocessing.Process(target=shard, args=(o, top, i, queue))
              for i in range(o.shards)]
    try:
        for s in shards:
            s.start()
        left = len(shards)
        while left > 0:
            got = queue.get(timeout=600)
            if got is None:
                left -= 1
            else:
                report.point(*got)
    finally:
        for s in shards:
            s.terminate() if s.is_alive() else None
            s.join()
        ground.shutil.rmtree(top, ignore_errors=True)
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
