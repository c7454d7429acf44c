#!/usr/bin/python3
"""mutants.py [--only NAME] - is each protection needed, and would we notice?

One protective thing at a time is taken out of a copy of the source, and the
binary built from it is put through the cheapest scenario that needs it.  The
shipped binary must come through the same scenario.  Where the source no
longer has the lines that a mutant takes out, that is a failure too: then this
file has to follow.
"""
import argparse
import concurrent.futures
import datetime
import json
import os
import shlex
import subprocess
import sys
import threading
import time
from decimal import Decimal

import ground
from change_flow import dearer
from ground import ROOT, Ground, Stop

INVOICE = "POST /123456789/sales_invoices.json"
CONTACT = "POST /123456789/contacts.json"


# ---- scenarios: each returns what is wrong in the end ----

def online(g, kinds=ground.KINDS):
    g.online()
    g.stock(kinds)
    g.keep("store", "logs")


def finish(g, clock=None, good=(0,)):
    """Run on until nothing is left to do."""
    code = g.again(lambda: g.run("sync", "t", clock=clock))
    g.idle()
    return ([] if code in good else
            ["a rerun ends with %d: %s" % (code, g.said)]) + g.faults()


def die_at(g, match, n, late_s=0.0):
    """A run whose client is dead before the n-th such change is carried
    out."""
    seen, process = [], []

    def hook(line):
        if line != match:
            return
        seen.append(line)
        if len(seen) == n:
            ground.kill_group(process[0])
            time.sleep(late_s)
    g.world.hook = hook
    process.append(g.begin("sync", "t"))
    g.end(process[0])
    if len(seen) < n:
        raise Stop("the run was not killed")


def killed_behind_refused(g):
    """Killed in the third sale, where the first was refused."""
    online(g)
    g.shop.orders[min(g.shop.orders)]["billing"]["email"] = "no@@address"
    die_at(g, INVOICE, 2)
    g.idle()
    return finish(g, ground.fast_clock(), good=(0, 1))


def killed(g):
    online(g)
    die_at(g, INVOICE, 1)
    g.idle()
    return finish(g, ground.fast_clock())


def killed_contact(g):
    online(g)
    die_at(g, CONTACT, 1)
    g.idle()
    return finish(g, ground.fast_clock())


def carried_out_late(g):
    """18 s after the client's death by its clock, of a settle window of 24:
    later than two look-ups a search lag apart would be."""
    fast = ground.fast_clock(4)
    g.settle = "24s"
    online(g)
    die_at(g, INVOICE, 1, 18.0 / (4 if fast else 1))
    return finish(g, fast)


def search_lags(g):
    """The first look-up comes too early to find what is there."""
    online(g)
    die_at(g, INVOICE, 1)
    g.idle()
    g.books.lag_s = 5           # as the connector declares
    return finish(g)


def connection_breaks(g):
    """Carried out, then closed without a word, on a reused connection."""
    online(g)
    g.world.control({"faults": [{"match": INVOICE, "n": 2,
                                 "kind": "close"}]})
    return finish(g, ground.fast_clock())


def stream(g):
    g.must("pull", "t")
    return g.wrote.splitlines(True)


def stream_cut(g):
    """pull died: push must not pass it for success."""
    online(g)
    lines = stream(g)
    code = g.run("push", "t", input="".join(lines[:2]))
    return ["a cut stream ends with 0"] if code == 0 else []


def line_lost(g):
    """A line does not reach push; the next run must still find the sale."""
    online(g)
    g.must("sync", "t")
    g.gild()
    g.back()
    g.books_back()
    lines = stream(g)
    code = g.run("push", "t", input="".join(lines[1:]))
    return (["a stream that lacks a line ends with 0"] if code == 0 else
            []) + finish(g)


def two_runs(g):
    """A second run begins while a request of the first lies with the books,
    and would outwait it."""
    online(g)
    came, ended = threading.Event(), threading.Event()

    def hook(line):
        if line == INVOICE and not came.is_set():
            came.set()
            ended.wait(30)
    g.world.hook = hook
    first = g.begin("sync", "t")
    if not came.wait(30):
        raise Stop("the first run sends nothing")
    g.run("sync", "t", clock=ground.fast_clock())
    ended.set()
    g.end(first)
    g.idle()
    return finish(g)


def two_tenants(g):
    """The same people buy from both, and the books' search finds a new
    contact late."""
    online(g)
    g.online("u", source="web")
    g.books.contact_lag_s = 4
    code = g.again(lambda: g.run("sync"))
    return (["a rerun ends with %d: %s" % (code, g.said)] if code else
            []) + g.faults()


def restored(g, names, early=False):
    """What a backup has of it is put back after a run.  early: a sale that
    the books don't have yet now comes first."""
    online(g)
    g.keep(*names)
    g.must("sync", "t")
    if early:
        order = json.loads(json.dumps(g.shop.orders[min(g.shop.orders)]))
        order.update(id=901, number="901")
        g.shop.orders[901] = order
    g.back()
    return finish(g)


def restored_tenant(g):
    return restored(g, ["store/tenants"])


def restored_tenant_new_sale(g):
    return restored(g, ["store/tenants"], early=True)


def restored_whole(g):
    return restored(g, ["store", "logs"])


# ---- on_change: correct ----

def corrected(g):
    """One order is booked, and then becomes dearer."""
    g.online()
    g.rule("on_change: correct")
    g.stock(ground.KINDS[:1])
    g.must("sync", "t")
    offer(g, dearer(next(iter(g.shop.orders.values()))))


def offer(g, order):
    with g.shop.lock:
        g.shop.orders[order["id"]] = order
        g.shop.modified(order, datetime.datetime.utcnow().replace(
            microsecond=0))


def in_the_books(g, references):
    """What is wrong with them, and with what they come to."""
    total = sum(Decimal(i["total_price_incl_tax"])
                for i in g.books.invoices.values())
    order = next(iter(g.shop.orders.values()))
    marks = sorted(i["reference"].split("-", 2)[2:]
                   for i in g.books.invoices.values())
    wrong = [] if marks == sorted(references) else ["documents %s" % marks]
    if len(references) > 1 and total != Decimal(order["total"]):
        wrong.append("%s instead of %s" % (total, order["total"]))
    return wrong


def refused_as_it_is(g):
    """The sale can't be booked anew: it must not be credited either."""
    corrected(g)
    with open(g.path("tenants.d/t.yaml"), encoding="utf-8") as f:
        text = f.read()
    g.write("tenants.d/t.yaml", text.replace("    sales:", "    fee:", 1)
            .replace('    fee: "496000000000008003"\n', ""))
    code = g.run("sync", "t")
    return ([] if code == 1 else ["the run ends with %d: %s" % (
        code, g.said)]) + in_the_books(g, [[]])


def changed_back(g):
    """Killed in the credit note; then the sale is as it was booked."""
    corrected(g)
    order = next(iter(g.shop.orders.values()))
    was = json.loads(json.dumps(order))
    line = was["line_items"][0]
    rate = Decimal(line["total_tax"]) / Decimal(line["total"])
    less = Decimal("10.00")
    tax = (less * rate).quantize(Decimal("0.01"))
    for at, key, by in ((line, "total", less), (line, "total_tax", tax),
                        (was, "total", less + tax), (was, "total_tax", tax)):
        at[key] = str(Decimal(at[key]) - by)
    line["taxes"][0]["total"] = line["total_tax"]
    die_at(g, INVOICE, 1)
    g.idle()
    offer(g, was)
    g.again(lambda: g.run("sync", "t", clock=ground.fast_clock()))
    return in_the_books(g, [[], ["C1"], ["V2"]])


def changed_by_hand(g):
    """A person made it another document: that is not ours to credit."""
    corrected(g)
    with g.books.lock:
        inv = next(iter(g.books.invoices.values()))
        lines = list(g.books.details([{
            "description": d["description"], "amount": "1",
            "price": str(2 * Decimal(d["price"])),
            "tax_rate_id": d["tax_rate_id"],
            "ledger_account_id": d["ledger_account_id"]}
            for d in inv["details"]]))
        inv["details"], inv["tax_totals"] = [], []
        g.books.invoice_lines(inv, lines, inv["prices_are_incl_tax"])
    code = g.run("sync", "t")
    return ([] if code == 1 else ["the run ends with %d: %s" % (
        code, g.said)]) + in_the_books(g, [[]])


def two_versions(g):
    """Files are read again for a while: the older one must not win."""
    g.local("t")
    g.rule("on_change: correct")
    g.write("sales/1.jsonl", ground.sale_line(1))
    g.must("sync", "t")
    g.write("sales/2.jsonl", ground.sale_line(1).replace(
        "10.00", "20.00").replace("2.10", "4.20").replace("14.20", "24.20"))
    for i in (3, 4):
        g.must("sync", "t")
        g.write("sales/%d.jsonl" % i, ground.sale_line(i))
    g.must("sync", "t")
    with open(g.path("books.journal"), encoding="utf-8") as f:
        n = f.read().count("; begin ")
    return [] if n == 5 else ["%d documents of 5" % n]


# ---- what goes back, and undo ----

def refunds_together(g):
    """A refund of an order of which nothing is left, a run later."""
    g.local("t", ground.JOURNAL)
    g.write("sales/1.jsonl", ground.sale_line(4, "order") +
            ground.sale_line(5, "refund", refund_of="104"))
    g.must("sync", "t")
    g.write("sales/2.jsonl", ground.sale_line(6, "refund", refund_of="104"))
    g.run("sync", "t")
    with open(g.path("books.journal"), encoding="utf-8") as f:
        return ["more than the order goes back"] * ("106-R" in f.read())


def undone(g):
    """What was taken back is offered to the next run."""
    online(g)
    g.must("sync", "t")
    g.must("undo", "--list", "--json", "t")
    g.must("undo", "t", json.loads(g.wrote)[0]["run"])
    before = len(g.books.invoices)
    g.run("sync", "--since", "2020-01-01", "t")
    return ["booked again unasked"] * (len(g.books.invoices) != before)
# ---- a till's days ----

def till(g, *lines):
    g.local("t")
    path = g.path("tenants.d/t.yaml")
    with open(path, encoding="utf-8") as f:
        text = f.read()
    g.write("tenants.d/t.yaml", text.replace(
        "path: sales\n", "path: sales\n    receipts: day\n"
        "    overlap: 0s\n"))
    g.write("sales/1.jsonl", "".join(lines))


def days_booked(g, n):
    """So many summaries."""
    with open(g.path("books.journal"), encoding="utf-8") as f:
        text = f.read()
    found = text.count("; begin ")
    return [] if found == n else ["%d documents of %d" % (found, n)]


def read_again(g):
    """Receipts of a day that is booked are read once more."""
    till(g, ground.sale_line(1), ground.sale_line(2))
    g.must("sync", "t")
    g.write("sales/2.jsonl", ground.sale_line(1) + ground.sale_line(2))
    g.must("sync", "--json", "t")
    row = json.loads(g.wrote)[0]
    return days_booked(g, 1) + (["receipts wait: %s" % row] if
                                row["waiting"] else [])


def open_day(g):
    """A receipt of today must be read again once today is over."""
    now = datetime.datetime.utcnow().strftime("%Y-%m-%dT%H:%M:%SZ")
    till(g, ground.sale_line(1), ground.sale_line(2, placed=now))
    g.must("sync", "t")
    g.write("sales/2.jsonl", ground.sale_line(1))
    for hours, n in ((1, 1), (49, 2)):
        clock = dict(ground.fast_clock() or {}, FAKETIME="+%dh" % hours)
        if g.run("sync", "t", clock=clock) != 0:
            raise Stop("%d h later: %s" % (hours, g.said))
        wrong = days_booked(g, n)
    return wrong


# ---- mutants: name, what it takes out of which file, and what needs it ----

GENERATION = ("lib/env.c", "	inside = e->inside = get_u64(b);\n",
              "	inside = e->inside = outside;\n	gone = false;\n")
PROBE = ("lib/deliver.c", "	if (p->found > 0 && !d->ask) {\n",
         "	if (p->found > 1000 && !d->ask) {\n")
MUTANTS = [
    ("the intent before sending", killed_behind_refused, [
        ("lib/once.c",
         "		contact_intend(o->to.contacts, &e->contact, now);\n"
         "		store_intent_put(s, &e->key, &e->intent);\n", "")]),
    ("the receipts tied to a day", read_again, [
        ("lib/once.c", "		tied_put(s, &e->intent, e->tied, e->tied_n);\n",
         "")]),
    ("and settled with it", read_again, [
        ("lib/outcome.c", "		write_tied(o, &o->rows[i], &tied);\n", "")]),
    ("the cursor before an open day", open_day, [
        ("lib/session.c", "	if (open_at == 0 || due)\n"
         "		(void)str_copy(row->value, CURSOR_MAX, open_at == 0 ? value :\n"
         "		    row->next);\n",
         "	(void)str_copy(row->value, CURSOR_MAX, value);\n")]),
    ("the settle window", carried_out_late, [
        ("lib/entry.c", "e->wait_from + t->settle_s + (t->settle_s > 0)",
         "e->wait_from")]),
    ("the look-up", killed, [
        ("lib/once.c", "rc = deliver_again(&o->to, e, &p);",
         "rc = RC_END;")]),
    ("the second look-up", search_lags, [
        ("lib/once.c", "if (e->intent.looked < 2)",
         "if (e->intent.looked < 1)")]),
    ("the debtor's look-up", killed_contact, [
        ("lib/contact.c", "	rc = search(books, c);\n"
         "	if (rc == RC_END && ops", "	rc = RC_END;\n"
         "	if (rc == RC_END && ops")]),
    ("the lock of shared books", two_tenants, [
        ("lib/shared.c", "		s->on = true;\n", "")]),
    ("the end line", stream_cut, [
        ("lib/push.c", "	end_tenant(&p, false, rc == RC_OK);\n",
         "	end_tenant(&p, true, rc == RC_OK);\n")]),
    ("the end line's count", line_lost, [
        ("lib/session.c", "if (it->sales == s->seen)",
         "if (it->sales != UINT64_MAX)")]),
    ("once on the wire", connection_breaks, [
        ("lib/http.c", "if (h->changes && h->sends > 1)",
         "if (h->changes && h->sends > 1000)")]),
    ("the tenant's lock", two_runs, [
        ("lib/file.c", "if (flock(f, LOCK_EX | LOCK_NB) != 0) {",
         "if (f < 0) {")]),
    ("the store's generation", restored_tenant_new_sale, [GENERATION]),
    ("the first sale asks", restored_whole, [PROBE]),
    ("both of these", restored_tenant, [GENERATION, PROBE]),
    ("the new document first", refused_as_it_is, [
        ("lib/intake.c", "if (rc == RC_OK && c->what == CORRECT_CREDIT)",
         "if (c->what == CORRECT_CREDIT)")]),
    ("what a run had begun", changed_back, [
        ("lib/correct.c", "if (!out->sent && same_amounts(&now, s))",
         "if (same_amounts(&now, s))")]),
    ("the books as the record", changed_by_hand, [
        ("lib/takeback.c",
         "if (!money_eq(d->incl, r->incl) || !money_eq(p->incl, r->incl) ||",
         "if (")]),
    ("the last version alone", two_versions, [
        ("lib/intake.c", "if (!s->last && !c.sent &&",
         "if (c.what < 0 &&")]),
    ("what went back", refunds_together, [
        ("lib/outcome.c", "	refunded_add(o->store, &r->intent.of, &sale, "
         "&r->intent.amounts);\n", "")]),
    ("undone, until asked", undone, [
        ("lib/intake.c", "if (s->undone && !s->job->retry) {",
         "if (s->undone && s->job == NULL) {")]),
]
SKIPPED = [("fsync of files", "needs a power cut: what was written but not "
            "synced must be dropped")]


# ---- building ----

def output(*words):
    return subprocess.run(words, check=True, stdout=subprocess.PIPE,
                          text=True).stdout


class Builder:
    """The program again, from the objects that are there and patched
    files."""

    def __init__(self, top):
        self.top = top
        self.build = os.path.dirname(ground.binary())
        self.cc = os.environ.get("CC", "gcc")
        names = ["libcurl", "libcjson", "libssl", "libcrypto", "lmdb",
                 "yaml-0.1", "expat"]
        self.cflags = shlex.split(output("pkg-config", "--cflags", *names))
        self.libs = shlex.split(output("pkg-config", "--libs", *names))
        self.cmd = sorted(
            os.path.join(self.build, "cmd", n)
            for n in os.listdir(os.path.join(self.build, "cmd"))
            if n.endswith(".o"))
        self.check_age()

    def check_age(self):
        """Objects of another source would prove nothing."""
        built = os.path.getmtime(ground.binary())
        for part in ("lib", "connectors", "cmd"):
            for entry in os.scandir(os.path.join(ROOT, part)):
                if entry.stat().st_mtime > built:
                    raise Stop("%s/%s is newer than the binary: make first"
                               % (part, entry.name))

    def patched(self, patches):
        """The changed files' text, by path."""
        out = {}
        for path, old, new in patches:
            if path not in out:
                with open(os.path.join(ROOT, path), encoding="utf-8") as f:
                    out[path] = f.read()
            if out[path].count(old) != 1:
                raise Stop("%s has not once: %s" % (path, old.strip()))
            out[path] = out[path].replace(old, new)
        return out

    def make(self, name, patches):
        """The binary without what the patches take out."""
        folder = os.path.join(self.top, name.replace(" ", "-"))
        objects = []
        for path, text in self.patched(patches).items():
            source = os.path.join(folder, os.path.basename(path))
            os.makedirs(folder, exist_ok=True)
            with open(source, "w", encoding="utf-8") as f:
                f.write(text)
            objects.append(source[:-1] + "o")
            subprocess.run(
                [self.cc, "-std=c17", "-D_GNU_SOURCE", "-O1", "-w", "-fPIE",
                 "-iquote", os.path.join(ROOT, "lib"), "-iquote",
                 os.path.join(ROOT, "connectors"), *self.cflags, "-c", "-o",
                 objects[-1], source], check=True)
        binary = os.path.join(folder, "salesync")
        subprocess.run(
            [self.cc, "-pie", "-o", binary, *self.cmd, *objects,
             os.path.join(self.build, "libsalesync.a"), *self.libs],
            check=True)
        return binary


# ---- the table ----

def scenario(top, name, binary, how):
    g = Ground(top, name)
    g.binary = binary
    try:
        return how(g)
    finally:
        g.close()


def judge(top, builder, i, mutant):
    """What the mutant breaks; raises when that proves nothing."""
    name, how, patches = mutant
    wrong = scenario(top, "whole-%d" % i, ground.binary(), how)
    if wrong:
        raise Stop("the shipped binary fails: %s" % "; ".join(wrong))
    broken = scenario(top, "mutant-%d" % i, builder.make(name, patches), how)
    proof = [w for w in broken if not w.startswith("a rerun ends")]
    if not proof:
        raise Stop("nothing breaks without it " + "; ".join(broken))
    return proof


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--only", action="append",
                   choices=[m[0] for m in MUTANTS])
    o = p.parse_args()
    top, report = ground.memory_dir(), ground.Report("mutants")
    ground.tls.make(os.path.join(top, "tls"))
    line = "%-26s %-42s %s"
    print(line % ("without", "breaks", ""))
    try:
        builder = Builder(top)
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            jobs = [(m[0], pool.submit(judge, top, builder, i, m))
                    for i, m in enumerate(MUTANTS)
                    if not o.only or m[0] in o.only]
            for name, job in jobs:
                try:
                    broken = job.result()
                    print(line % (name, broken[0].split("\n")[0][:42],
                                  "caught"), flush=True)
                    report.take(name, [])
                except Exception as e:          # it goes to the report
                    print(line % (name, "-", "NOT CAUGHT"))
                    report.take(name, ["%s: %s" % (type(e).__name__, e)])
    except Stop as e:
        report.take("to build", [str(e)])
    finally:
        ground.shutil.rmtree(top, ignore_errors=True)
    for name, why in SKIPPED:
        print(line % (name, "skipped: " + why, ""))
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
