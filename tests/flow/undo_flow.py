"""What a run booked is taken back: once, and never booked again unasked."""
import functools
import os
import signal
import subprocess
from decimal import Decimal as D

import folder_flow
from folder_flow import put, receipt, references
from house import DAY0, has, holds, same, until
from refund_flow import half, online, documents, show


def runs(t, tenant="tea"):
    """The runs that can be undone, the newest first."""
    return t.run("undo", "--list", "--json", tenant).must(0).json()


def outcomes(r):
    return {x["id"]: x["outcome"] for x in r.json()}


def balances(t):
    """{account: amount} of the whole journal."""
    out = subprocess.run(["hledger", "-f", t.path("books.journal"), "bal",
                          "--flat", "-N", "-E", "-O", "csv"], check=True,
                         stdout=subprocess.PIPE, text=True).stdout
    rows = [line.strip().strip('"').split('","')
            for line in out.splitlines()[1:]]
    return {a: D(n.split()[0]) for a, n in rows if D(n.split()[0])}


def case_and_redo(t):
    """Two of three runs stay; redo gives the same books."""
    folder_flow.house(t)
    put(t, "a.jsonl", receipt(1), receipt(2, times=2))
    t.ok("sync")
    put(t, "b.jsonl", receipt(3), half(11, 2), half(12, 3))
    t.ok("sync")
    put(t, "c.jsonl", receipt(4))
    t.ok("sync")
    before = balances(t)
    listed = runs(t)
    same([(r["source"], r["booked"], r["stands"]) for r in listed],
         [("till", 1, 1), ("till", 3, 3), ("till", 2, 2)], "runs")
    run = listed[1]["run"]
    r = t.run("undo", "--dry-run", "--json", "tea", run).must(0)
    same(outcomes(r), dict.fromkeys(("3", "11", "12"), "to be taken back"),
         "a dry run")
    same(balances(t), before, "after a dry run")
    same(t.errors(), {}, "errors after a dry run")
    r = t.run("undo", "--json", "tea", run).must(0)
    same((outcomes(r), r.err), (dict.fromkeys(("3", "11", "12"),
                                              "taken back"), ""), "outcome")
    holds({"till-3-T-C1", "till-11-R-C1", "till-12-R-C1"} <=
          set(references(t)), "references %r" % references(t))
    same(balances(t), {"Assets:Cash": 80, "Income:Sales": D("-66.12"),
                       "Liabilities:VAT:NL-21": D("-13.88")}, "undone")
    same(runs(t)[1]["stands"], 0, "of what was undone")
    same(t.errors(), {"3": "S236", "11": "S236", "12": "S236"}, "errors")
    holds("refunded" not in show(t, "till:2"), "what went back of it")
    # once, and not again unasked
    r = t.run("undo", "--json", "tea", run).must(0)
    same(set(outcomes(r).values()), {"was taken back before"}, "again")
    put(t, "b.jsonl", receipt(5))
    t.ok("sync")
    t.ok("sync", "--since", DAY0.isoformat())
    same(len(references(t)), 10, "documents: %r" % references(t))
    rows = t.run("sync", "--dry-run", "--retry", "--json").must(0).json()
    same(sorted(r["reference"] for r in rows if r["type"] == "sale"),
         ["till-11-R-V2", "till-12-R-V2", "till-3-T-V2"], "a dry run")
    t.ok("sync", "--retry")
    after = balances(t)
    before["Assets:Cash"] += 20
    before["Income:Sales"] -= D("16.53")
    before["Liabilities:VAT:NL-21"] -= D("3.47")
    same(after, before, "done again")
    same(t.errors(), {}, "errors in the end")
    holds({"till-3-T-V2", "till-11-R-V2", "till-12-R-V2"} <=
          set(references(t)), "references %r" % references(t))
    folder_flow.sound(t, 13)
    put(t, "d.jsonl", half(13, 2), half(14, 2))
    has(t.run("sync").must(1).err, "refund 14: it is more")
    same([(x["id"], x["finding"]) for x in
          t.run("dedupe", "--json").must(1).json()],
         [("14", "not booked")], "findings")


def case_unknown(t):
    folder_flow.house(t)
    has(t.run("undo", "tea", "20260101T000000Z-1").must(64).err, "[S308]")
    has(t.run("undo", "tea").must(64).err, "no run at all of tea")
    t.run("undo").must(64)
    t.run("undo", "--list", "tea", "20260101T000000Z-1").must(64)
    t.run("undo", "coffee").must(78)


def case_refunded_in_another_run(t):
    """S237: its refund is undone first."""
    folder_flow.house(t)
    put(t, "a.jsonl", receipt(1), receipt(2))
    t.ok("sync")
    put(t, "a.jsonl", half(11))
    t.ok("sync")
    later, first = [r["run"] for r in runs(t)]
    for dry in (["--dry-run"], []):
        r = t.run("undo", "--json", *dry, "tea", first).must(1)
        has(r.err, "sale 1: it is not taken back, since money went back of "
            "it in another run [S237]")
        same(outcomes(r)["1"], "left", "the order")
    same(outcomes(r)["2"], "taken back", "the other")
    t.run("undo", "tea", later).must(0)
    r = t.run("undo", "--json", "tea", first).must(0)
    same(outcomes(r), {"1": "taken back", "2": "was taken back before"},
         "at last")
    same(balances(t), {}, "nothing is left")
    t.ok("sync", "--retry")
    same(balances(t), {"Assets:Cash": 20, "Income:Sales": D("-16.53"),
                       "Liabilities:VAT:NL-21": D("-3.47")}, "done again")
    t.ok("dedupe")


def case_gone_or_changed(t):
    """S309, S233: what people did to a document is theirs to mend."""
    folder_flow.house(t)
    put(t, "a.jsonl", receipt(1), receipt(2), receipt(3))
    t.ok("sync")
    text = folder_flow.text(t).replace("till-2-T", "by-hand")
    at = text.index("; begin till-3-T")
    t.write("books.journal", text[:at] + text[at:].replace(
        "16.53", "15.53").replace("20.00", "19.00"))
    run = runs(t)[0]["run"]
    r = t.run("undo", "--json", "tea", run).must(1)
    has(r.err, "1 sales of run %s can't be found" % run)
    has(r.err, "sale 3: what was booked of it has to be corrected by hand")
    same(outcomes(r), {"1": "taken back", None: "not found", "3": "left"},
         "outcomes")
    same(t.errors(), {"1": "S236", "3": "S233"}, "errors")


def case_closed_period(t):
    """A credit note is of today: closed, it is refused, or of the first open
    day."""
    folder_flow.house(t)
    put(t, "a.jsonl", receipt(1))
    t.ok("sync")
    rules = t.tenants["tea"]["rules"]
    rules.update(closed_until="2099-12-31", closed="refuse")
    t.configure()
    run = runs(t)[0]["run"]
    has(t.run("undo", "tea", run).must(1).err, "[S230]")
    same(references(t), ["till-1-T"], "documents")
    rules["closed"] = "next"
    t.configure()
    t.run("undo", "tea", run).must(0)
    has(folder_flow.text(t), '2100-01-01 * "Credit note" "till-1-T-C1"')


FIRST = ["till-1-T", "till-1-T-C1", "till-11-R", "till-11-R-C1", "till-2-T",
         "till-2-T-C1"]


def lost(t, kind, n):
    """The answer to the n-th request of an undo does not come."""
    online(t)
    t.tenants["acme"]["books"]["timeout"] = "1s"
    t.configure()
    put(t, "a.jsonl", receipt(1, times=2), receipt(2), half(11))
    t.ok("sync")
    run = runs(t, "acme")[0]["run"]
    t.books.fault(kind, n=n)
    r = t.run("undo", "acme", run, timeout=60)
    holds(r.code in (0, 75), repr(r))
    holds(any(q["fault"] for q in t.books.dump()["requests"]), "no fault")
    t.run("undo", "acme", run, timeout=60).must(0)
    same(documents(t), FIRST, "documents")
    same(sum(D(d["total_price_incl_tax"])
             for d in t.books.dump()["documents"]), 0, "what is left")
    t.ok("sync")
    same(documents(t), FIRST, "not again unasked")
    same(set(t.errors().values()), {"S236"}, "errors")
    t.ok("sync", "--retry")
    same(len(documents(t)), 9, "done again")
    t.ok("dedupe")


for _kind in ("lose", "cut", "unsent"):
    for _n in (1, 2, 3, 5, 7):
        globals()["case_%s_%d" % (_kind, _n)] = functools.partial(
            lost, kind=_kind, n=_n)


def case_twice(t):
    """Undone, done again, undone and done again."""
    online(t)
    put(t, "a.jsonl", receipt(1, times=2), receipt(2), half(11))
    t.ok("sync")
    t.run("undo", "acme", runs(t, "acme")[0]["run"]).must(0)
    want = FIRST
    same(documents(t), want, "documents")
    same(sum(D(d["total_price_incl_tax"])
             for d in t.books.dump()["documents"]), 0, "what is left")
    t.ok("sync")
    t.ok("sync", "--retry")
    same(documents(t), sorted(want + ["till-1-T-V2", "till-11-R-V2",
                                      "till-2-T-V2"]), "done again")
    t.ok("dedupe")
    # and once more
    run = runs(t, "acme")[0]["run"]
    t.run("undo", "acme", run).must(0)
    same(len(documents(t)), 12, "undone again: %r" % documents(t))
    t.ok("sync", "--retry")
    same(len(documents(t)), 15, "done again: %r" % documents(t))
    t.ok("dedupe")


def drafts(t):
    """A run that left drafts; its name."""
    online(t)
    t.tenants["acme"]["books"].update(finalize=False, timeout="1s")
    t.configure()
    put(t, "a.jsonl", receipt(1), receipt(2))
    t.ok("sync")
    return runs(t, "acme")[0]["run"]


def case_drafts(t):
    """What is not final yet is deleted; and made anew when asked for."""
    run = drafts(t)
    r = t.run("undo", "--json", "acme", run).must(0)
    same(set(outcomes(r).values()), {"taken back"}, "outcomes")
    same(documents(t), [], "documents")
    t.ok("sync")
    same(documents(t), [], "not again unasked")
    t.ok("sync", "--retry")
    same(documents(t), ["till-1-T-V2", "till-2-T-V2"], "done again")
    t.ok("dedupe")


def draft_dies(t, sync):
    """The process dies when the books have the deletion."""
    run = drafts(t)
    t.books.fault("hang", n=1, seconds=30)
    undo = t.start("undo", "acme", run, detach=True)
    until(lambda: any(q["fault"] for q in t.books.dump()["requests"]),
          "the request")
    os.killpg(undo.pid, signal.SIGKILL)
    undo.end()
    t.books.control(faults=[])
    if sync:
        t.freed("sync")
    until(lambda: t.run("undo", "acme", run).code != 75, "free")
    t.run("undo", "acme", run).must(0)
    same(documents(t), [], "documents")
    same(set(t.errors().values()), {"S236"}, "errors")
    t.ok("sync")
    same(documents(t), [], "not again unasked")
    t.ok("sync", "--retry")
    same(len(documents(t)), 2, "done again")
    t.ok("dedupe")


def case_draft_dies(t):
    draft_dies(t, False)


def case_draft_dies_and_a_sync(t):
    draft_dies(t, True)


def case_last_run(t):
    """Without a run it is the last one that booked something; again, there is
    nothing left to take back."""
    folder_flow.house(t)
    put(t, "a.jsonl", receipt(1, "order"))
    t.ok("sync")
    put(t, "b.jsonl", receipt(2, "order"), receipt(3, "order"))
    t.ok("sync")
    t.ok("sync")
    r = t.run("undo", "--json", "tea").must(0)
    same(outcomes(r), {"2": "taken back", "3": "taken back"}, "outcomes")
    r = t.run("undo", "--json", "tea").must(0)
    same(set(outcomes(r).values()), {"was taken back before"}, "again")
    same(len(references(t)), 5, "documents")
    folder_flow.sound(t, 5)


def case_day_of_a_till(t):
    """S233: its receipts are on record and would not come again."""
    folder_flow.house(t)
    t.tenants["tea"]["sources"]["till"]["receipts"] = "day"
    t.configure()
    put(t, "a.jsonl", receipt(1), receipt(2))
    t.ok("sync")
    before = references(t)
    has(t.run("undo", "tea").must(1).err, "receipts stay recorded [S233]")
    same(references(t), before, "documents")


def case_two_versions(t):
    """Files keep an older version beside the newer one: an undone sale is
    booked again as it is now, once."""
    folder_flow.house(t)
    t.tenants["tea"]["rules"]["on_change"] = "correct"
    t.configure()
    put(t, "a.jsonl", receipt(1, "order"), receipt(2, "order"))
    t.ok("sync")
    put(t, "b.jsonl", receipt(1, "order", times=2))
    t.ok("sync")
    t.ok("dedupe")
    same(len(t.run("undo", "--json", "tea").must(0).json()), 1, "undone")
    t.run("sync", "--retry").must(0)
    same(sorted(references(t)), ["till-1", "till-1-C1", "till-1-C2",
                                 "till-1-V2", "till-1-V3", "till-2"], "books")
    folder_flow.sound(t, 6)
    t.ok("sync")
    t.ok("dedupe")
    for row in t.run("dedupe", "--totals", "--json").must(0).json():
        same(row["books_incl"], row["shop_incl"], "totals %r" % row)
