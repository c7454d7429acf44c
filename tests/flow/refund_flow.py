"""What goes back of an order: never above what is left of it, whatever happens
in between."""
import os
import shutil
from decimal import Decimal as D

import expect
import folder_flow
import shop_data
from folder_flow import put, receipt, references
from house import DAY0, has, holds, orders, same, until


def show(t, name, tenant="tea"):
    """{state: amount} of what is recorded under a name."""
    rows = t.run("dedupe", "--show", name, "--json", tenant).must(0).json()
    return {r["state"]: r["incl"] for r in rows}


def half(n, of=1):
    return receipt(n, "refund", of, -1)


def case_together(t):
    """In one run and over runs; a dry run says the same."""
    folder_flow.house(t)
    put(t, "a.jsonl", receipt(1, times=2), half(11), half(12), half(13))
    r = t.run("sync", "--dry-run").must(1)
    same(r.err.count("S210"), 1, r.err)
    has(r.err, "refund 13")
    r = t.run("sync").must(1)
    has(r.err, "refund 13: it is more than what is left of the order [S210]")
    same(sorted(references(t)), ["till-1-T", "till-11-R", "till-12-R"],
         "documents")
    same(show(t, "till:1"), {"booked": "40.00", "refunded": "-40.00"},
         "of the order")
    put(t, "b.jsonl", half(14))
    has(t.run("sync", "--dry-run").must(1).err, "refund 14")
    has(t.run("sync").must(1).err, "refund 14")
    t.run("sync", "--retry").must(1)
    folder_flow.sound(t, 3)
    has(t.run("audit").must(0).out, "sales")
    t.ok("rotate-credentials", "--tenant-key", "tea")
    t.run("sync", "--retry").must(1)
    same(show(t, "till:1")["refunded"], "-40.00", "with a new key")


def case_before_their_order(t):
    """All that waited for the order are held against it together."""
    folder_flow.house(t)
    put(t, "a.jsonl", half(11), half(12), half(13))
    same(t.run("sync").must(1).err.count("S211"), 3, "lone")
    put(t, "b.jsonl", receipt(1, times=2))
    t.ok("sync")
    r = t.run("sync", "--since", DAY0.isoformat()).must(1)
    same((r.err.count("S210"), r.err.count("S211")), (1, 0), r.err)
    folder_flow.sound(t, 3)


def case_what_was_refused(t):
    """It does not count: neither before nor after it is mended."""
    folder_flow.house(t)
    bad = half(11)
    bad["lines"][0]["vat_rate"] = "6"
    put(t, "a.jsonl", receipt(1, times=2), bad, half(12))
    same(t.run("sync").must(1).err.count("S201"), 1, "no VAT rule")
    same(show(t, "till:1")["refunded"], "-20.00", "of the order")
    put(t, "b.jsonl", half(13), half(11))
    r = t.run("sync").must(1)
    same((r.err.count("S210"), r.err.count("S201")), (1, 0), r.err)
    folder_flow.sound(t, 3)


def drop(t, reference):
    """Take a transaction out of the journal."""
    text = folder_flow.text(t)
    at, end = text.index("; begin %s\n" % reference), "; end %s\n" % reference
    t.write("books.journal", text[:at] + text[text.index(end) + len(end):])


def case_forgotten(t):
    """One whose record is dropped is booked again, and counts once."""
    folder_flow.house(t)
    put(t, "a.jsonl", receipt(1, times=2), half(11), half(12))
    t.ok("sync")
    t.ok("dedupe", "--forget", "till:11", "tea")
    drop(t, "till-11-R")
    same(show(t, "till:11"), {"forgotten": "-20.00"}, "of the refund")
    put(t, "b.jsonl", half(13))
    has(t.run("sync").must(1).err, "refund 13: it is more")
    t.ok("sync", "--since", DAY0.isoformat())
    same(sorted(references(t)), ["till-1-T", "till-11-R", "till-12-R"],
         "documents")
    same(show(t, "till:11"), {"booked": "-20.00"}, "booked again")
    same(show(t, "till:1")["refunded"], "-40.00", "of the order")
    folder_flow.sound(t, 3)


def case_mended_by_the_books(t):
    """The record of a refund comes from the books: it counts too."""
    folder_flow.house(t)
    put(t, "a.jsonl", receipt(1, times=2))
    t.ok("sync")
    shutil.copytree(t.path("store"), t.path("backup"))
    put(t, "a.jsonl", half(11))
    t.ok("sync")
    shutil.rmtree(t.path("store"))
    os.rename(t.path("backup"), t.path("store"))
    same(show(t, "till:1"), {"booked": "40.00"}, "put back")
    rows = t.run("dedupe", "--json", "--repair").must(1).json()
    same([(r["id"], r["finding"]) for r in rows],
         [("11", "booked but not recorded")], "findings")
    same(show(t, "till:1")["refunded"], "-20.00", "mended")
    put(t, "b.jsonl", half(12), half(13))
    same(t.run("sync").must(1).err.count("S210"), 1, "one too many")
    folder_flow.sound(t, 3)


def online(t):
    """A till's files into books that answer over the network."""
    t.make([], settle="2s")
    os.mkdir(t.path("sales"))
    t.tenants["acme"]["sources"] = {"till": {"connector": "folder",
                                             "path": "sales"}}
    t.configure()


def documents(t):
    return sorted(d["reference"] for d in t.books.dump()["documents"])


def case_under_way(t):
    """A refund whose answer was lost counts while it waits; and once."""
    online(t)
    put(t, "a.jsonl", receipt(1, times=2))
    t.ok("sync")
    t.tenants["acme"]["rules"]["settle"] = "1h"
    t.configure()
    t.books.fault("lose", n=1)
    put(t, "a.jsonl", half(11))
    run = t.start("sync", detach=True)
    until(lambda: any(r["fault"] for r in t.books.dump()["requests"]),
          "the request")
    run.kill(15)
    same(run.end().code, 75, "it waits")
    put(t, "b.jsonl", half(12), half(13))
    r = t.run("sync", "--dry-run").must(1)
    same((r.err.count("S210"), r.out.count("till-12-R")), (1, 1), r.err)
    t.tenants["acme"]["rules"]["settle"] = "1s"
    t.configure()
    same(t.run("sync").must(1).err.count("S210"), 1, "one too many")
    same(documents(t), ["till-1-T", "till-11-R", "till-12-R"], "documents")
    same(show(t, "till:1", "acme")["refunded"], "-40.00", "of the order")


def case_three_bare_amounts(t):
    """Amounts without lines, of an order at two rates: what each rate had is
    gone to the cent with the last."""
    order = orders(1, 7, ["refund_bare"])[0]
    total = D(order["total"])
    shop = shop_data.Shop(9, DAY0.isoformat() + "T08:00:00")
    order["_refunds"], order["refunds"] = [], []
    parts = [shop_data.cents(total / 3), shop_data.cents(total / 7)]
    for n, amount in enumerate(parts + [total - sum(parts)]):
        shop.refund(order, amount, [], n + 2)
        order["_refunds"][n]["id"] = order["refunds"][n]["id"] = 7001 + n
    t.make([order])
    t.ok("sync")
    expect.same_books(t.books.dump(), [order])
    left = {}
    for d in t.books.dump()["documents"]:
        for part in d["tax_totals"]:
            for key in ("taxable_amount", "tax_amount"):
                at = part["tax_rate_id"], key
                left[at] = left.get(at, D(0)) + D(part[key])
    holds(len(left) > 2, "one rate only: %r" % left)
    same(set(left.values()), {D(0)}, "left %r" % left)
    t.ok("sync")
    t.ok("dedupe")


def swap(n, new):
    """A receipt on which one thing comes back and others go out."""
    s = receipt(n, times=new)
    back = dict(s["lines"][0], excl="-16.53", vat="-3.47")
    s["lines"].append(back)
    s["excl"] = str(D(s["excl"]) - D("16.53"))
    s["incl"] = str(D(s["incl"]) - D("20.00"))
    s["payments"][0]["amount"] = s["incl"]
    if not D(s["incl"]):
        s["payments"] = []
    return s


def case_exchanges(t):
    """With a total above, at and below nothing."""
    online(t)
    small = swap(3, 1)
    small["lines"][0].update(excl="8.26", vat="1.74")
    small.update(excl="-8.27", incl="-10.00")
    small["payments"] = [{"method": "cash", "amount": "-10.00"}]
    put(t, "a.jsonl", swap(1, 2), swap(2, 1), small)
    t.ok("sync")
    got = {d["reference"]: (D(d["total_price_incl_tax"]),
                               d["state"] != "draft")
           for d in t.books.dump()["documents"]}
    same(got, {"till-1-T": (20, True), "till-2-T": (0, True),
               "till-3-T": (-10, True)}, "documents")
    t.ok("dedupe")
    t.ok("sync", "--since", DAY0.isoformat())
