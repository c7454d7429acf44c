"""on_change: correct - a booked sale that changed is credited and booked anew,
each once."""
import copy
from decimal import Decimal as D

import expect
from change_flow import dearer, later
from house import has, holds, plain, same


def standing(books):
    """{order's reference: what the books hold of it}, and all references."""
    sums, seen = {}, []
    for d in books["documents"]:
        ref = d["reference"]
        seen.append(ref)
        for mark in ("-C", "-V"):
            ref = ref.split(mark)[0]
        sums[ref] = sums.get(ref, D(0)) + D(d["total_price_incl_tax"])
    return sums, sorted(seen)


def shop_total(made):
    return {"shop-" + o["number"]: D(o["total"]) for o in made}


def held(t, made, more=()):
    """The books say what the shop says; nothing is there twice."""
    dump = t.books.dump()
    sums, seen = standing(dump)
    same(sums, shop_total(made), "what the books hold")
    same(seen, sorted(["shop-" + o["number"] for o in made] + list(more)),
         "references")
    same([r for r, n in dump["posts"].items() if n > 1], [], "posted twice")
    for d in dump["documents"]:
        same(D(d["total_paid"]), D(d["total_price_incl_tax"]),
             "paid of " + d["reference"])
    return dump


def start(t, n=3, **rules):
    made = plain(n)
    t.make(made, on_change="correct", **rules)
    t.ok("sync")
    return made


def case_dearer(t):
    made = start(t)
    ref = "shop-" + made[2]["number"]
    made[2] = dearer(made[2])
    later(t, made[2])
    t.ok("sync")
    dump = held(t, made, [ref + "-C1", ref + "-V2"])
    by = {d["reference"]: d for d in dump["documents"]}
    first, credit, anew = by[ref], by[ref + "-C1"], by[ref + "-V2"]
    for key in ("total_price_excl_tax", "total_price_incl_tax"):
        same(D(credit[key]), -D(first[key]), key)
    same([(d["tax_rate_id"], d["ledger_account_id"], -D(d["price"]))
          for d in credit["details"]],
         [(d["tax_rate_id"], d["ledger_account_id"], D(d["price"]))
          for d in first["details"]], "lines")
    same(credit["contact_id"], first["contact_id"], "contact")
    has(credit["details"][0]["description"], "Credit note for " + ref)
    has(anew["details"][0]["description"], "Corrected; sale of ")
    same(t.errors(), {}, "errors")
    before = len(t.books.dump()["requests"])
    t.ok("sync")
    t.ok("sync", "--since", "2025-01-01")
    same(len(t.books.dump()["requests"]), before, "requests of more runs")


def case_twice(t):
    made = start(t)
    ref = "shop-" + made[1]["number"]
    for _ in range(2):
        made[1] = dearer(made[1])
        later(t, made[1])
        t.ok("sync")
    held(t, made, [ref + m for m in ("-C1", "-V2", "-C2", "-V3")])


def case_dedupe(t):
    """Shop, record and books agree over the corrections, by VAT as well."""
    made = start(t)
    for i in (0, 2):
        made[i] = dearer(made[i])
        later(t, made[i])
    t.ok("sync")
    made[0] = dearer(made[0])
    later(t, made[0])
    t.ok("sync")
    t.ok("dedupe")
    until = made[-1]["date_created_gmt"][:10]
    t.ok("dedupe", "--since", until, "--until", until)
    rows = t.run("dedupe", "--totals", "--json").must(0).json()
    for row in rows:
        same(row["books_incl"], row["shop_incl"], "totals: %r" % row)
    # what is gone, there twice, or of nobody is found all the same
    ref = "shop-" + made[2]["number"]
    gone = [d for d in t.books.dump()["documents"]
            if d["reference"] == ref + "-C1"][0]
    t.books.delete(gone["id"])
    has(t.run("dedupe").must(1).out, "other amount in the books")
