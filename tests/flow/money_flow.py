"""Money that is no euro, no turnover, or of no article that the rules know."""
import glob

import folder_flow
import ubl_flow
import house
from house import has, plain, same


def sale(n, currency="EUR", article="MUG-1", **more):
    s = dict(folder_flow.receipt(n), currency=currency, **more)
    s["lines"][0]["article"] = article
    return s


def logged(t):
    return "".join(t.read(p[len(t.dir) + 1:])
                   for p in glob.glob(t.path("logs", "*.log")))


def case_no_rate(t):
    """S227: refused until somebody says what a dollar is worth."""
    folder_flow.house(t)
    t.tenants["tea"]["rules"]["exchange"] = {"GBP": "1.17"}
    t.configure()
    folder_flow.put(t, "a.jsonl", sale(1, "USD"), sale(2))
    has(t.run("sync").must(1).err, 'exchange: {USD: "..."} [S227]')
    folder_flow.sound(t, 1)
    t.tenants["tea"]["rules"]["exchange"] = {"USD": "0.86"}
    t.configure()
    t.ok("sync", "--retry")
    folder_flow.sound(t, 2)
    has(folder_flow.text(t), "  Assets:Cash  20.00 USD @ 0.86 EUR\n")
    t.ok("dedupe")


def case_refund_of_another_currency(t):
    """S228: a refund is in the currency of its order."""
    folder_flow.house(t)
    t.tenants["tea"]["rules"]["exchange"] = {"USD": "0.86"}
    t.configure()
    back = dict(folder_flow.receipt(2, "refund", 1, -1), currency="USD")
    folder_flow.put(t, "a.jsonl", sale(1), back)
    has(t.run("sync").must(1).err, "refund 2: it is in USD, its order is not "
        "[S228]")
    folder_flow.sound(t, 1)


def case_refund_that_is_left_out(t):
    """Of a refund that the tenant leaves out nothing is asked."""
    folder_flow.house(t)
    t.tenants["tea"]["rules"]["skip"] = [{"kind": "refund"}]
    t.configure()
    folder_flow.put(t, "a.jsonl", sale(1), dict(folder_flow.receipt(
        2, "refund", 1, -1), currency="USD"))
    t.ok("sync")
    folder_flow.sound(t, 1)


def case_unruled(t):
    """S229: how many lines have no rule stands in the log and the table, and
    their articles below a dry run alone."""
    folder_flow.house(t)
    t.tenants["tea"]["rules"]["articles"] = {
        "TEA*": {"account": "Income:Tea"}}
    t.configure()
    folder_flow.put(t, "a.jsonl", sale(1), sale(2, article="TEA-1"),
                    sale(3), sale(4, article="POT-1\x1b[2J"))
    r = t.run("sync", "--dry-run").must(0)
    has(r.out, "articles of tea without a rule:\n  MUG-1\n  POT-1?[2J\n")
    same(r.out.count("MUG-1"), 1, "times that an article is named")
    r = t.run("sync", "--dry-run", "--json").must(0)
    same([o["articles"] for o in r.json() if "articles" in o],
         [["MUG-1", "POT-1\x1b[2J"]], "articles as JSON")
    r = t.run("sync", "--json").must(0)
    same(r.json()[0]["unruled"], 3, "lines in the table")
    has(logged(t), "S229 tenant=tea source=- 3 lines have")
    same("MUG-1" in logged(t), False, "an article in the log")
    has(folder_flow.text(t), "  Income:Tea  -16.53 EUR")


def case_check(t):
    """The accounts of articles and rates are looked at, and ignore is none."""
    rules = t.make(plain(1))["rules"]
    rules["accounts"]["payments"]["bacs"] = "ignore"
    rules["turnover"] = {"NL 9": house.LEDGER + "8000"}
    rules["articles"] = {"A": {"account": house.LEDGER + "8001"}}
    t.configure()
    t.run("check").must(0)
    rules["turnover"]["NL 21"] = "1"
    rules["articles"]["B"] = {"account": "2"}
    t.configure()
    r = t.run("check").must(1)
    has(r.err, "turnover NL 21: 1")
    has(r.err, "articles B: 2")
    same(r.err.count("S4"), 2, r.err)


def case_payout_is_no_invoice(t):
    """S231: books that take invoices alone refuse a payout, and nothing
    else."""
    ubl_flow.house(t)
    payout = dict(folder_flow.receipt(2, "summary"), id="p1", number="p1",
                  lines=[], excl="0", incl="0", payments=[
                      {"method": "ideal", "amount": "-9.00"},
                      {"method": "payout", "amount": "9.00"}])
    folder_flow.put(t, "a.jsonl", sale(1), payout)
    has(t.run("sync").must(1).err, "payout p1: these books take invoices")
    same(sorted(ubl_flow.files(t)), ["till-1-T.xml"], "the files")
