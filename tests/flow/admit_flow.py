"""Which sales are booked, when, and under which day; and the dry run, held to
what is then booked, posting by posting.
"""
import datetime
import json
import os
import re
import signal
from collections import Counter
from decimal import Decimal as D

import change_flow
import expect
import folder_flow
from house import DAY0, has, holds, orders, plain, same, until

NOON = "%sT12:00:00Z"


def day(n):
    """The n-th day of the test."""
    return (DAY0 + datetime.timedelta(days=n)).isoformat()


def rules(t, name="tea", **more):
    t.tenants[name]["rules"].update(more)
    t.configure()


def table(t, *args):
    """The closing table's row."""
    return t.run("sync", "--json", *args).must(0).json()[0]


def log(t):
    return "\n".join(b.decode() for b in t.everywhere("logs").values())


def dates(t):
    """{reference: date} in the journal."""
    return {ref: at for at, ref in re.findall(
        r"^(\d{4}-\d\d-\d\d) \* \".*?\" \"(.*?)\"", folder_flow.text(t),
        re.M)} if t.everywhere(".").get(t.path(".", "books.journal")) else {}


def order(n, times=1, **more):
    """An order that nobody has paid."""
    return dict(folder_flow.receipt(n, "order", times=times), payments=[],
                **more)


def refund(n, of, **more):
    return dict(folder_flow.receipt(n, "refund", of, -1), **more)


# --- when ---

def case_paid_in_the_shop(t):
    """Cash on delivery: booked once the money is there, under that day."""
    made = plain(3)
    made[1].update(status="processing", date_paid_gmt=None)
    t.make(made, book_on="paid")
    row = table(t)
    same((row["booked"], row["left_out"], row["refused"]), (2, 1, 0), "row")
    same(len(t.books.dump()["documents"]), 2, "documents")
    has(log(t), "S115 tenant=acme source=- 1 sales left out: not paid yet")
    same(t.error_rows(), [], "errors")
    t.ok("sync")
    t.ok("sync")
    same(len(t.books.dump()["documents"]), 2, "documents, still")
    t.ok("dedupe")
    has(t.run("dedupe", "--show", "shop:%d" % made[1]["id"], "acme").err,
        "[S307]", "what is stored of a sale that was left out")
    change_flow.later(t, made[1], 60 * 24 * 5, status="completed",
                      date_paid_gmt=day(4) + "T11:00:00")
    t.ok("sync")
    expect.same_books(t.books.dump(), made)
    same([d["invoice_date"] for d in t.books.dump()["documents"]
          if d["reference"] == "shop-" + made[1]["number"]], [day(4)],
         "its day")


def case_shipped_in_the_shop(t):
    made = plain(2)
    t.make(made, book_on="shipped")
    same(table(t)["left_out"], 2, "left out")
    change_flow.later(t, made[0], 60, status="completed",
                      date_completed_gmt=day(3) + "T23:30:00")
    t.ok("sync")
    docs = t.books.dump()["documents"]
    same([(d["reference"], d["invoice_date"]) for d in docs],
         [("shop-" + made[0]["number"], day(4))], "documents")


def case_paid_in_a_file(t):
    """It comes again when its file changes; so does what it is left out
    with."""
    folder_flow.house(t)
    rules(t, book_on="paid")
    folder_flow.put(t, "a.jsonl", order(1), folder_flow.receipt(2),
                    refund(3, 1))
    row = table(t)
    same((row["booked"], row["left_out"]), (1, 2), "row")
    text = log(t)
    has(text, "1 sales left out: not paid yet")
    has(text, "1 sales left out: a refund of an order that was left out")
    same(len(folder_flow.references(t)), 1, "transactions")
    t.write("sales/a.jsonl", "")
    folder_flow.put(t, "a.jsonl", order(1, paid=NOON % day(6)),
                    folder_flow.receipt(2), refund(3, 1))
    row = table(t)
    same((row["booked"], row["already"], row["left_out"]), (2, 1, 0), "row")
    folder_flow.sound(t, 3)
    same(dates(t)["till-1"], day(6), "the day of its payment")
    same(dates(t)["till-3-R"], day(0), "the refund's own day")
    t.ok("dedupe")


def case_columns(t):
    """The same in CSV, with what the rules may ask."""
    folder_flow.house(t)
    rules(t, book_on="shipped", skip=[{"tag": "b 2 b"}, {"status": "open",
                                                        "channel": "web"}])
    t.write("sales/a.csv", "id,placed,currency,incl,vat_rate,ean,paid,shipped,"
            "status,channel,tags,rate,rate_source\n" + "".join(
                "%d,%s,EUR,12.10,21,8712345678906,,%s,%s,%s,%s,,\n" %
                (n, day(0), shipped, status, channel, tags)
                for n, shipped, status, channel, tags in (
                    (1, day(2) + " 23:59:00", "done", "web", "x; y"),
                    (2, day(2), "done", "web", "a;b 2 b;c"),
                    (3, day(2), "open", "web", ""),
                    (4, day(2), "open", "pos", ""), (5, "", "done", "", ""))))
    row = table(t)
    same((row["booked"], row["left_out"]), (2, 3), "row")
    same(dates(t), {"till-1": day(2), "till-4": day(2)}, "booked")
    for words in ("1 sales left out: condition 1 under skip holds",
                  "1 sales left out: condition 2 under skip holds",
                  "1 sales left out: not shipped yet"):
        has(log(t), words)
    holds("8712345678906" not in log(t), "an article in the log")


# --- which ---

def case_filters_of_a_shop(t):
    """By status and channel; a refund goes with its order."""
    made = orders(4, 3, ["refund_part", "plain"])
    made[0]["created_via"] = "pos"
    t.make(made, skip=[{"channel": "POS"}, {"country": "BE"}])
    row = table(t)
    same((row["booked"], row["left_out"]),
         (len(expect.documents(made[1:])), 2), "row")
    expect.same_books(t.books.dump(), made[1:])
    same(t.error_rows(), [], "errors")
    t.ok("dedupe")
    rules(t, "acme", skip=[])
    t.ok("sync", "--since", day(-1))
    expect.same_books(t.books.dump(), made)


def case_only(t):
    folder_flow.house(t)
    rules(t, only=[{"channel": ["pos", "kassa"]}, {"kind": "refund"}])
    folder_flow.put(t, "a.jsonl", order(1, channel="web"),
                    order(2, channel="Kassa"), folder_flow.receipt(3),
                    order(4, channel="pos"))
    row = table(t)
    same((row["booked"], row["left_out"]), (2, 2), "row")
    same(set(dates(t)), {"till-2", "till-4"}, "booked")
    # of a booked order, one left out in another file, and one nowhere
    folder_flow.put(t, "b.jsonl", refund(12, 2), refund(11, 1,
                                                        channel="web"),
                    refund(19, 9, channel="pos"))
    r = t.run("sync").must(1)
    same(len(r.err.splitlines()), 1, r.err)
    has(r.err, "refund 19: its order is not booked [S211]")
    same(set(dates(t)), {"till-2", "till-4", "till-12-R"}, "booked")


def case_an_error_goes(t):
    """A sale that was refused, and is left out since: no error any more."""
    folder_flow.house(t)
    bad = order(1, channel="web")
    bad["lines"][0]["vat_country"] = "BE"
    folder_flow.put(t, "a.jsonl", bad, folder_flow.receipt(2))
    has(t.run("sync").must(1).err, "S201")
    same(t.errors(), {"1": "S201"}, "errors")
    rules(t, skip=[{"channel": "web"}])
    t.ok("sync", "--retry")
    same(t.errors(), {}, "errors")


def case_booked_stays(t):
    """The rules changed after it was booked: nothing happens to it."""
    folder_flow.house(t)
    folder_flow.put(t, "a.jsonl", order(1, channel="web"))
    t.ok("sync")
    rules(t, skip=[{"channel": "web"}], book_on="paid")
    folder_flow.put(t, "a.jsonl", refund(2, 1, channel="web"))
    t.ok("sync")
    folder_flow.sound(t, 2)
    t.ok("sync", "--since", day(-3))
    t.ok("dedupe")
    folder_flow.put(t, "b.jsonl", folder_flow.receipt(5))
    rows = t.run("dedupe", "--json").must(1).json()
    same([(r["id"], r["finding"]) for r in rows], [("5", "not booked")],
         "what is not left out")


def case_other_days(t):
    """dedupe of a period whose documents lie behind it."""
    folder_flow.house(t)
    rules(t, book_on="paid")
    folder_flow.put(t, "a.jsonl", order(1, paid=NOON % day(6)), order(2),
                    dict(order(3, paid=NOON % day(3)), placed=NOON % day(3)))
    t.ok("sync")
    for period in ((-1, 1), (2, 4), (2, 7), (-9, 9)):
        t.ok("dedupe", "--since", day(period[0]), "--until", day(period[1]))
    same(dates(t), {"till-1": day(6), "till-3": day(3)}, "booked")


# --- the closed period ---

def case_closed(t):
    folder_flow.house(t)
    rules(t, closed_until=day(1))
    folder_flow.put(t, "a.jsonl", order(1), dict(order(2), placed=NOON %
                                                 day(2)))
    r = t.run("sync").must(1)
    same(len(r.err.splitlines()), 1, r.err)
    has(r.err, "sale 1: its day lies in the period that is closed until "
        "%s [S230]" % day(1))
    same(t.errors(), {"1": "S230"}, "errors")
    t.ok("sync")
    same(dates(t), {"till-2": day(2)}, "booked")
    rules(t, closed="next")
    t.ok("sync", "--retry")
    same(dates(t), {"till-1": day(2), "till-2": day(2)}, "booked")
    has(folder_flow.text(t),
        "\n  ; True date %s, in a closed period\n" % day(0))
    same(folder_flow.text(t).count("True date"), 1, "notes")
    folder_flow.put(t, "b.jsonl", refund(3, 1))
    t.ok("sync")
    same(dates(t)["till-3-R"], day(2), "the refund's day")
    folder_flow.sound(t, 3)


def case_closed_in_moneybird(t):
    made = plain(1)
    t.make(made, closed_until=day(1), closed="next")
    t.ok("sync")
    doc, = t.books.dump()["documents"]
    same(doc["invoice_date"], day(2), "its date")
    has(doc["details"][0]["description"],
        "True date %s, in a closed period: " % day(0))
    same(sum("True date" in d["description"] for d in doc["details"]), 1,
         "lines with the note")


# --- the dry run ---

def dry(t, *args, code=0):
    """The objects of a dry run: sales by reference, totals, the tenant."""
    r = t.run("sync", "--dry-run", "--json", *args).must(code)
    rows = r.json()
    same({x["type"] for x in rows} - {"sale", "total", "tenant"}, set(),
         "types")
    return ({x["reference"]: x for x in rows if x["type"] == "sale"},
            [x for x in rows if x["type"] == "total"],
            [x for x in rows if x["type"] == "tenant"], r)


def net(p):
    return D(p["debit"]) - D(p["credit"])


def adds_up(sales, totals):
    """Every entry, its two halves, and the totals over all."""
    sums = Counter()
    for s in sales.values():
        entry = {k: sum(net(p) for p in s["postings"] if p["kind"] in kinds)
                 for k, kinds in (("sold", ("debtors", "line", "VAT")),
                                  ("paid", ("payment", "paid")))}
        same(entry, {"sold": 0, "paid": 0}, s["reference"])
        for p in s["postings"]:
            holds(min(D(p["debit"]), D(p["credit"])) == 0, "both sides")
            key = (s["currency"], p["account"], p["vat"], p["vat_code"],
                   p["method"])
            sums[key + ("net",)] += net(p)
            sums[key + ("base",)] += D(p["base"] or 0)
    rows = Counter((x["currency"], x["account"], x["vat_code"], x["method"],
                    x["vat"]) for x in totals)
    same([r for r, n in rows.items() if n > 1], [], "rows that stand twice")
    for x in totals:
        holds(D(x["debit"]) >= 0 and D(x["credit"]) >= 0, "a sign")
        key = (x["currency"], x["account"], x["vat"], x["vat_code"],
               x["method"])
        sums[key + ("net",)] -= net(x)
        sums[key + ("base",)] -= D(x["base"] or 0)
    same({k: v for k, v in sums.items() if v}, {}, "sales less totals")


def as_journal(sale):
    """{(account, VAT): amount} as the journal connector posts it."""
    out = Counter()
    for p in sale["postings"]:
        account = {"debtors": "Assets:Debtors", "paid": "Assets:Debtors",
                   "VAT": p["vat_code"]}.get(p["kind"], p["account"])
        out[account, p["vat"] if p["kind"] in ("line", "VAT") else None] += \
            net(p)
    return {k: v for k, v in out.items() if v}


def journal(t):
    """{reference: (date, currency, {(account, VAT): amount})}"""
    out, posts = {}, None
    for line in folder_flow.text(t).splitlines():
        head = re.match(r'(\S+) \* ".*?" "(\S+)"', line)
        posting = re.match(
            r"  ([A-Z]\S+)  (-?[\d.]+) (\w+)(?: @ \S+ \w+)?"
            r"(?: ; \w+: (.*))?$", line)
        if head:
            posts = {}
            out[head.group(2)] = [head.group(1), None, posts]
        elif posting:
            account, amount, currency, key = posting.groups()
            out[list(out)[-1]][1] = currency
            posts[account, key] = D(amount)
    return out


def week(t):
    """All that a messy week has."""
    folder_flow.house(t)
    rules(t, book_on="paid", closed_until=day(0), closed="next",
          skip=[{"channel": "test"}, {"kind": "refund", "tag": "manual"}],
          rounding="0.10")
    t.tenants["tea"]["rules"]["vat"].update(
        {"reverse_charge": "Liabilities:VAT:Shifted",
         "export": "Liabilities:VAT:Export", "DE 19": "Liabilities:VAT:DE"})
    t.tenants["tea"]["rules"]["accounts"].update(
        discount="Income:Discount", giftcard="Liabilities:Giftcards")
    t.configure()

    def line(kind, excl, vat, rate, country="NL"):
        return {"kind": kind, "excl": excl, "vat": vat, "vat_rate": rate,
                "vat_country": country}

    def sale(n, kind, lines, off="0", **more):
        incl = sum(D(x["excl"]) + D(x["vat"]) for x in lines)
        s = {"id": str(n), "kind": kind, "placed": NOON % day(n % 4),
             "currency": "EUR", "lines": lines, "payments": [
                 {"method": "cash", "amount": str(incl + D(off))}],
             "excl": str(sum(D(x["excl"]) for x in lines)),
             "incl": str(incl + D(off))}
        return dict(s, **more)

    mixed = [line("article", "10.00", "2.10", "21"),
             line("article", "5.50", "0.50", "9"),
             line("shipping", "4.13", "0.87", "21"),
             line("discount", "-1.00", "-0.21", "21")]
    back = [dict(x, excl=str(-D(x["excl"])), vat=str(-D(x["vat"])))
            for x in mixed]
    folder_flow.put(
        t, "week.jsonl", sale(1, "order", mixed), sale(2, "receipt", mixed,
                                                       "-0.03"),
        sale(3, "order", mixed, payments=[]),
        sale(4, "refund", back[:2], refund_of="1"),
        sale(5, "refund", back, refund_of="3"),
        sale(6, "order", [line("article", "100.00", "19.00", "19", "DE")],
             debtor={"country": "DE"}),
        sale(7, "order", [line("article", "80.00", "0", "0", "US")],
             debtor={"country": "US", "name": "Joe Canary"}),
        sale(8, "order", [line("giftcard", "25.00", "0", "0")]),
        sale(9, "order", [line("article", "1000", "210", "21")],
             currency="JPY", rate="0.0061", rate_source="ECB"),
        sale(10, "order", mixed, channel="test"),
        sale(11, "order", mixed, paid=NOON % day(9), payments=[]),
        sale(12, "refund", back[:1], refund_of="1", tags=["manual"]),
        sale(13, "receipt", [line("article", "3.33", "0.7", "21"),
                             line("article", "6.665", "1.39965", "21")],
             payments=[], incl="12.09"),
        sale(15, "receipt", mixed[:1], payments=[
            {"method": "\x1b[2Jcard", "amount": "12.10"}]),
        sale(14, "summary", mixed + [line("rounding", "0.02", "0", "0")]))


def case_dry_and_real(t):
    """They differ in the write alone."""
    week(t)
    sales, totals, tenants, r = dry(t)
    adds_up(sales, totals)
    holds("Canary" not in r.out, "the debtor is shown")
    same({x["currency"] for x in totals}, {"EUR", "JPY"}, "currencies")
    same((tenants[0]["to_book"], tenants[0]["left_out"]), (len(sales), 4),
         "counts")
    holds(not t.everywhere("store/tenants"), "a dry run made a store")
    row = table(t)
    same((row["booked"], row["left_out"], row["refused"]),
         (len(sales), 4, 0), "the real run")
    booked = journal(t)
    same(set(booked), set(sales), "the documents")
    for ref, (date, currency, posts) in booked.items():
        same((date, currency), (sales[ref]["date"], sales[ref]["currency"]),
             "head of " + ref)
        same(posts, as_journal(sales[ref]), "postings of " + ref)
    folder_flow.sound(t, len(sales))
    same(sales["till-2-T"]["journal"], "till", "the receipt's journal")
    same(sales["till-4-R"]["credits"], "till-1", "what it credits")
    same(sales["till-8"]["note"], "True date %s, in a closed period" % day(0),
         "note")
    same(dry(t)[:2], ({}, []), "what waits behind it")


def case_dry_says_what_real_says(t):
    """Refusals and their exit code, with a store and without."""
    folder_flow.house(t)
    bad = order(2)
    bad["lines"][0]["vat_country"] = "BE"
    folder_flow.put(t, "a.jsonl", order(1), bad, refund(3, 2), refund(4, 1),
                    refund(5, 77), order(1))
    for refs, refused in ((["till-1", "till-4-R"], 3), (["till-8"], 1)):
        sales, _, tenants, r = dry(t, code=1)
        same((sorted(sales), tenants[0]["refused"]), (refs, refused), r.err)
        real = t.run("sync").must(1)
        same(sorted(real.err.splitlines()), sorted(r.err.splitlines()),
             "what is said")
        folder_flow.put(t, "b.jsonl", order(8), refund(9, 78))
    before = t.everywhere("store", "sales")
    text = t.run("sync", "--dry-run").must(0)
    has(text.out, "to_book  already  refused  changed  left_out  waiting")
    after = t.everywhere("store", "sales")
    same([n for n in after if after[n] != before.get(n) and
          not n.endswith("lock.mdb")], [], "files that a dry run changed")


def case_dry_of_a_shop(t):
    """Books that work VAT out themselves: what they will make of it, to the
    cent, per VAT code."""
    made = orders(60)
    t.make(made)
    sales, totals, _, _ = dry(t)
    adds_up(sales, totals)
    t.ok("sync")
    docs = {d["reference"]: d for d in t.books.dump()["documents"]}
    same(set(docs), set(sales), "documents")
    for ref, doc in docs.items():
        want, got = Counter(), Counter()
        for x in doc["tax_totals"]:
            want[x["tax_rate_id"], "base"] += D(x["taxable_amount"])
            want[x["tax_rate_id"], "VAT"] += D(x["tax_amount"])
        for p in sales[ref]["postings"]:
            if p["kind"] == "VAT":
                got[p["vat_code"], "base"] += D(p["base"])
                got[p["vat_code"], "VAT"] -= net(p)
        same(dict(got), dict(want), "VAT of " + ref)
        same(doc["invoice_date"], sales[ref]["date"], "date of " + ref)


def case_dry_text(t):
    """As a person reads it: the sum under each entry, and at the end."""
    week(t)
    out = t.run("sync", "--dry-run").must(0).out
    sums = re.findall(r"^  total +(\S+) +(\S+)$", out, re.M)
    same([a for a, b in sums if a != b], [], "entries that do not add up")
    same(len(re.findall("^totals of tea in ", out, re.M)), 2, "totals")
    has(out, "till-4-R  sales journal  credit note EUR\n  credits till-1\n")
    holds(not re.search(" $", out, re.M), "blanks at the end of a line")
    holds("Joe" not in out, "the debtor is shown")
    holds("\x1b" not in out and "[2Jcard" in out, "a terminal would obey")


def case_on_its_way(t):
    """Sent by a run that died: it waits in a dry run, and is finished even if
    the rules would leave it out by now."""
    made = orders(2, 3, ["refund_part", "plain"])
    t.make(made)
    t.books.fault("hang", match="^POST .*sales_invoices.json", seconds=30)
    run = t.start("sync", detach=True)
    until(lambda: any(r["fault"] for r in t.books.dump()["requests"]),
          "the request")
    os.killpg(run.pid, signal.SIGKILL)
    run.end()
    t.books.control(faults=[])
    sales, _, tenants, r = dry(t)
    same((sorted(sales), tenants[0]["waiting"], r.err),
         (["shop-" + made[1]["number"]], 2, ""), "to book, and what waits")
    rules(t, "acme", skip=[{"source": "shop"}], settle="0s")
    row = table(t)
    same((row["booked"], row["refused"], row["left_out"]), (2, 0, 1), "row")
    expect.same_books(t.books.dump(), made[:1], sent_once=False)
    same(t.error_rows(), [], "errors")
