"""on_change: correct - a booked sale that changed is credited and booked anew,
each once."""
import copy
import functools
import os
import signal
from decimal import Decimal as D

from change_flow import dearer, later
from house import has, holds, plain, same, until


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


def changed(t, n=2, **rules):
    """Booked, and one order then changed in the shop."""
    made = start(t, n, **rules)
    made[0] = dearer(made[0])
    later(t, made[0])
    ref = "shop-" + made[0]["number"]
    return made, [ref + "-C1", ref + "-V2"]


REQUESTS = 6            # a draft, final and paid, for each of the two


def lost(t, kind, n, done):
    made, more = changed(t)
    t.tenants["acme"]["books"]["timeout"] = "1s"
    t.configure()
    t.books.fault(kind, n=n)
    t.ok("sync")
    dump = t.books.dump()
    holds(any(r["fault"] for r in dump["requests"]), "no fault came")
    dump = held(t, made, more) if done else t.books.dump()
    sums, seen = standing(dump)
    same(sums, shop_total(made), "what the books hold")
    same(len(seen), 4, "documents")
    same(t.errors(), {}, "errors")
    t.ok("sync")
    same(len(t.books.dump()["requests"]), len(dump["requests"]),
         "requests of a run with nothing to do")
    t.ok("dedupe")


def die(t, n, *args):
    """The process dies when the books have the request."""
    t.books.fault("hang", n=n, seconds=30)
    run = t.start("sync", *args, detach=True)
    until(lambda: any(r["fault"] for r in t.books.dump()["requests"]),
          "the request")
    os.killpg(run.pid, signal.SIGKILL)
    same(run.end().code, -signal.SIGKILL, "its end")
    t.books.control(faults=[])


def killed(t, n):
    made, more = changed(t)
    die(t, n)
    t.freed("sync")
    held(t, made, more)
    same(t.errors(), {}, "errors")
    t.ok("sync")
    t.ok("dedupe")


def killed_and_changed(t, n):
    """In between, the sale changes again: the newest version is booked."""
    made, more = changed(t)
    die(t, n)
    made[0] = dearer(made[0])
    later(t, made[0], 20)
    t.freed("sync")
    sums, seen = standing(t.books.dump())
    same(sums, shop_total(made), "what the books hold")
    same(len(seen), len(set(seen)), "references")
    t.ok("sync")
    same(t.errors(), {}, "errors")
    t.ok("dedupe")


def killed_and_changed_back(t, n):
    """In between, the sale becomes what it was: still nothing is missing."""
    made = start(t, 2)
    was = copy.deepcopy(made[0])
    later(t, dearer(made[0]))
    die(t, n)
    later(t, was, 20)
    t.freed("sync")
    sums, seen = standing(t.books.dump())
    same(sums, shop_total(made), "what the books hold")
    t.ok("sync")
    same(t.errors(), {}, "errors")
    t.ok("dedupe")


for _n in range(1, REQUESTS + 1):
    for _kind, _done in (("lose", True), ("cut", True), ("unsent", False)):
        globals()["case_%s_%d" % (_kind, _n)] = functools.partial(
            lost, kind=_kind, n=_n, done=_done)
    globals()["case_killed_%d" % _n] = functools.partial(killed, n=_n)
    globals()["case_killed_and_changed_%d" % _n] = functools.partial(
        killed_and_changed, n=_n)
    globals()["case_killed_and_changed_back_%d" % _n] = functools.partial(
        killed_and_changed_back, n=_n)


def case_refused_as_it_is(t):
    """Nothing is credited for a sale that can't be booked anew."""
    made = start(t)
    before = t.books.dump()["changing"]
    made[0] = dearer(made[0])
    rules = t.tenants["acme"]["rules"]
    sales = rules["accounts"].pop("sales")
    t.configure()
    later(t, made[0])
    has(t.run("sync").must(1).err, "[S202]")
    same(t.books.dump()["changing"], before, "changes in the books")
    t.ok("sync")
    rules["accounts"]["sales"] = sales
    t.configure()
    t.ok("sync", "--retry")
    ref = "shop-" + made[0]["number"]
    held(t, made, [ref + "-C1", ref + "-V2"])
    same(t.errors(), {}, "errors")


def case_refused_by_the_books(t):
    """The credit note is there, the new document is refused: it is listed,
    and booked once that is mended."""
    made, more = changed(t)
    t.books.fault("refuse", match="^POST .*sales_invoices.json", n=2,
                  status=422, body={"error": {"base": ["no"]}})
    has(t.run("sync").must(1).err, "[S216]")
    ref = "shop-" + made[0]["number"]
    sums, _ = standing(t.books.dump())
    same(sums[ref], D(0), "what the books hold of it")
    same(t.errors(), {made[0]["number"]: "S216"}, "errors")
    t.ok("sync")
    t.ok("sync", "--retry")
    held(t, made, more)
    same(t.errors(), {}, "errors")


def case_died_in_a_retry(t):
    """S235: nobody offers the sale again by itself."""
    made = start(t)
    rules = t.tenants["acme"]["rules"]
    rules["on_change"] = "report"
    t.configure()
    made[0] = dearer(made[0])
    later(t, made[0])
    has(t.run("sync").must(1).err, "[S212]")
    rules["on_change"] = "correct"
    t.configure()
    die(t, 4, "--retry")
    # the credit note was noted as booked with the intent of the new one
    number = made[0]["number"]
    rows = t.run("errors", "--json").json()
    holds([r["number"] for r in rows] in ([], [number]), repr(rows))
    t.freed("sync", "--retry")
    ref = "shop-" + number
    held(t, made, [ref + "-C1", ref + "-V2"])
    same(t.errors(), {}, "errors")


def case_changed_by_hand(t):
    """S233: what a person changed in the books is a person's to correct."""
    made, _ = changed(t)
    ref = "shop-" + made[0]["number"]
    first = [d for d in t.books.dump()["documents"]
             if d["reference"] == ref][0]
    t.books.delete(first["id"])
    r = t.run("sync").must(1)
    has(r.err, "has to be corrected by hand: no document bears its reference "
        "[S233]")
    same(t.errors(), {made[0]["number"]: "S233"}, "errors")
    t.ok("sync")


def drafts(t):
    """A draft that is to be corrected; its reference."""
    made = plain(1)
    acme = t.make(made, on_change="correct")
    acme["books"].update(finalize=False, timeout="1s")
    t.configure()
    t.ok("sync")
    ref = t.books.dump()["documents"][0]["reference"]
    made[0] = dearer(made[0])
    later(t, made[0])
    return made, ref


def case_draft(t):
    """What is not final yet is deleted, and made anew."""
    made, ref = drafts(t)
    t.ok("sync")
    sums, seen = standing(t.books.dump())
    same((sums, list(seen)), (shop_total(made), [ref + "-V2"]), "books")
    t.ok("sync")
    t.ok("dedupe")
    made[0] = dearer(made[0])
    later(t, made[0], 20)
    t.ok("sync")
    sums, seen = standing(t.books.dump())
    same((sums, list(seen)), (shop_total(made), [ref + "-V3"]), "books")


def draft_lost(t, kind, n):
    made, ref = drafts(t)
    t.books.fault(kind, n=n)
    t.ok("sync")
    holds(any(r["fault"] for r in t.books.dump()["requests"]), "no fault came")
    sums, seen = standing(t.books.dump())
    same((sums, list(seen)), (shop_total(made), [ref + "-V2"]), "books")
    same(t.errors(), {}, "errors")
    t.ok("dedupe")


def draft_killed(t, n):
    made, ref = drafts(t)
    die(t, n)
    t.freed("sync")
    sums, seen = standing(t.books.dump())
    same((sums, list(seen)), (shop_total(made), [ref + "-V2"]), "books")
    same(t.errors(), {}, "errors")
    t.ok("sync")
    t.ok("dedupe")


for n in (1, 2):        # the deletion, and the new draft
    for kind in ("cut", "lose"):
        globals()["case_draft_%s_%d" % (kind, n)] = functools.partial(
            draft_lost, kind=kind, n=n)
    globals()["case_draft_killed_%d" % n] = functools.partial(
        draft_killed, n=n)


def case_draft_made_final(t):
    """By a person: then it is credited."""
    made, ref = drafts(t)
    first = t.books.dump()["documents"][0]
    t.books.finish(first["id"])
    t.ok("sync")
    sums, seen = standing(t.books.dump())
    same((sums, list(seen)), (shop_total(made),
         [ref, ref + "-C1", ref + "-V2"]), "books")


def case_dry_run(t):
    """It shows the credit note and the new document, and books neither."""
    made, more = changed(t)
    before = t.books.dump()["changing"]
    r = t.run("sync", "--dry-run", "--json").must(0)
    rows = r.json()
    same([d["reference"] for d in rows if d["type"] == "sale"], more,
         "documents")
    same(rows[-1]["to_book"], 2, "to book")
    for d in rows:
        if d["type"] == "sale":
            same(sum(D(p["debit"]) for p in d["postings"]),
                 sum(D(p["credit"]) for p in d["postings"]), "balance")
    same(t.books.dump()["changing"], before, "changes in the books")
    r = t.run("sync", "--json").must(0)
    row = r.json()[0]
    same((row["booked"], row["corrected"], row["changed"]), (1, 1, 0),
         "the closing table")
    held(t, made, more)


def case_not_offered_again(t):
    """S235: the credit note is there, and the shop no longer has the sale."""
    made, _ = changed(t)
    die(t, 3)
    later(t, made[0], 20, status="trash")
    has(t.freed_with(1, "sync").err, "not booked anew yet [S235]")
    number = made[0]["number"]
    same(t.errors(), {number: "S235"}, "errors")
    sums, _ = standing(t.books.dump())
    same(sums["shop-" + number], D(0), "what the books hold of it")
    t.ok("sync")
    # it comes back: it is booked anew, and the error goes
    later(t, made[0], 40, status="processing")
    t.ok("sync")
    same(t.errors(), {}, "errors")
    held(t, made, ["shop-" + number + "-C1", "shop-" + number + "-V2"])
