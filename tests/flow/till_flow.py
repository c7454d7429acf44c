"""A till's receipts, booked as one summary for each business day."""
import datetime
import json
import os
import random
import re
import shutil
import signal
import subprocess
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal as D

import folder_flow
from house import CODES, DAY0, has, holds, same, until

CENT = D("0.01")
ACCOUNT = {"article": "Income:Sales", "tip": "Liabilities:Tips",
           "deposit": "Liabilities:Deposits",
           "difference": "Expenses:Difference",
           "rounding": "Expenses:Rounding", "giftcard": "Liabilities:Cards"}
PAID = {"cash": "Assets:Cash", "pin": "Assets:Bank",
        "giftcard": "Liabilities:Cards"}
INVOICE = "^POST .*sales_invoices.json"


def day(n):
    return (DAY0 + datetime.timedelta(days=n)).isoformat()


def line(incl, rate, kind="article"):
    vat = (incl - incl / (1 + D(rate) / 100)).quantize(CENT, ROUND_HALF_UP)
    return {"kind": kind, "quantity": "1", "excl": str(incl - vat),
            "vat": str(vat), "vat_rate": str(rate), "vat_country": "NL"}


def receipt(n, lines, paid, at=None, kind="receipt", **more):
    excl = sum((D(x["excl"]) for x in lines), D(0))
    vat = sum((D(x["vat"]) for x in lines), D(0))
    if isinstance(paid, str):
        paid = {paid: excl + vat}
    return dict({"id": str(n), "number": str(n), "kind": kind,
                 "placed": at or day(0) + "T12:00:00Z", "currency": "EUR",
                 "lines": lines, "excl": str(excl), "incl": str(excl + vat),
                 "payments": [{"method": m, "amount": str(a)}
                              for m, a in paid.items()]}, **more)


def simple(n, incl="12.10", at=None, **more):
    return receipt(n, [line(D(incl), 21)], "pin", at, **more)


def house(t, **source):
    folder_flow.house(t)
    tea = t.tenants["tea"]
    tea["sources"]["till"].update({"receipts": "day"}, **source)
    tea["rules"]["accounts"].update(
        {k: v for k, v in ACCOUNT.items() if k != "article"},
        payments=dict(PAID))
    t.configure()


def booked(t):
    """{reference: {account: amount}} of the journal."""
    out = {}
    if not os.path.exists(t.path("books.journal")):
        return out
    for ref, body in re.findall(r"^; begin (\S+)\n(.*?)^; end \1$",
                                folder_flow.text(t), re.M | re.S):
        holds(ref not in out, "twice: " + ref)
        sums = defaultdict(D)
        for account, amount in re.findall(
                r"^  ([A-Z][\w:-]+)  (-?[\d.]+) EUR", body, re.M):
            sums[account] += D(amount)
        out[ref] = {a: n for a, n in sums.items() if n}
    return out


def accepted(t):
    for command in (["hledger", "-f", t.path("books.journal"), "check"],
                    ["bean-check", "-C", t.path("books.journal")]):
        subprocess.run(command, check=True)


def random_week(seed):
    """Receipts of a café that closes at three at night, and money back."""
    r, out, n = random.Random(seed), [], 0
    for d in range(7):
        for _ in range(r.randrange(8, 20)):
            n += 1
            at = datetime.datetime.fromisoformat(day(d) + "T09:00:00") + \
                datetime.timedelta(seconds=r.randrange(16 * 3600))
            lines = [line(D(r.randrange(50, 4000)) / 100, r.choice((9, 21)))
                     for _ in range(r.randrange(1, 5))]
            if r.random() < .2:
                lines.append(line(D(r.randrange(10, 300)) / 100, 0, "tip"))
            if r.random() < .2:
                lines.append(line(D("0.25") * r.choice((-1, 1, 2)), 0,
                                  "deposit"))
            total = sum(D(x["excl"]) + D(x["vat"]) for x in lines)
            paid = r.choice(("cash", "pin", "pin", "both", "open"))
            if paid == "cash":
                five = (total / 5).quantize(CENT, ROUND_HALF_UP) * 5
                if five != total:
                    lines.append(line(five - total, 0, "rounding"))
            half = (total / 2).quantize(CENT)
            out.append(receipt(n, lines, {"cash": half, "pin": total - half}
                               if paid == "both" else {} if paid == "open"
                               else paid, at.isoformat() + "Z"))
            if r.random() < .1:
                back = [dict(x, excl=str(-D(x["excl"])), vat=str(-D(x["vat"])))
                        for x in lines[:1]]
                out.append(receipt("r%d" % n, back, "cash", at.isoformat() +
                                   "Z", "refund", refund_of=str(n)))
        n += 1
        out.append(receipt(n, [line(D(r.randrange(-500, 500)) / 100 or CENT,
                                    0, "difference")], "cash",
                           day(d) + "T22:00:00Z"))
    return out


def expected(receipts, starts=0):
    """{reference: {account: amount}}, worked out from the receipts alone."""
    out = defaultdict(lambda: defaultdict(D))
    for s in receipts:
        at = datetime.datetime.fromisoformat(s["placed"][:-1]) + \
            datetime.timedelta(hours=offset(s["placed"]) - starts)
        sums = out["till-%s-S" % at.date()]
        open_d = D(s["incl"])
        for x in s["lines"]:
            sums[ACCOUNT[x["kind"]]] -= D(x["excl"])
            sums["Liabilities:VAT:NL-" + x["vat_rate"]] -= D(x["vat"])
        for p in s["payments"]:
            sums[PAID[p["method"]]] += D(p["amount"])
            open_d -= D(p["amount"])
        sums["Assets:Debtors"] += open_d
    return {ref: {a: n for a, n in sums.items() if n}
            for ref, sums in out.items()}


def offset(text):
    """Of Amsterdam, in hours."""
    at = datetime.datetime.fromisoformat(text[:-1])

    def last_sunday(month):
        d = datetime.date(at.year, month, 31)
        return d - datetime.timedelta(days=(d.weekday() + 1) % 7)
    return 2 if last_sunday(3) <= at.date() < last_sunday(10) else 1


def case_week(t):
    """Any order of the same receipts gives the same journal, and that is
    what they add up to."""
    house(t, day_starts="05:00")
    shutil.copytree(t.path("store"), t.path("backup"))
    week, texts = random_week(1), set()
    for seed in range(3):
        random.Random(seed).shuffle(week)
        for name in os.listdir(t.path("sales")):
            os.unlink(t.path("sales", name))
        for i in range(4):
            folder_flow.put(t, "%d.jsonl" % i, *week[i::4])
        t.run("sync").must(0)
        accepted(t)
        texts.add(re.sub("1970-01-01 open .*\n", "", folder_flow.text(t)))
        same(booked(t), expected(week, 5), "the journal")
        before = folder_flow.text(t)
        t.ok("sync", "--since", day(-1))
        same(folder_flow.text(t), before, "the journal after a second run")
        os.unlink(t.path("books.journal"))
        shutil.rmtree(t.path("store"))
        shutil.copytree(t.path("backup"), t.path("store"))
    same(len(texts), 1, "different journals")


case_week.seconds = 12


def case_open_day(t):
    """Receipts of a day that is not over rest nowhere, and the cursor stays
    before them, until the day is booked."""
    house(t)
    now = datetime.datetime.utcnow().strftime("%Y-%m-%dT%H:%M:%SZ")
    folder_flow.put(t, "a.jsonl", simple(1), simple(2, at=now))
    t.ok("sync")
    same(sorted(booked(t)), ["till-%s-S" % day(0)], "booked")
    first = booked(t)
    row = t.run("sync", "--json").must(0).json()[0]
    same((row["already"], row["waiting"]), (1, 1), "already, waiting")
    has(b"".join(t.everywhere("logs").values()).decode(), "S119")
    same([r["count"] for r in t.run("audit", "--json").must(0).json()
          if r["rule"] == "sales" and r["tenant"] == "tea"][:1], [3],
         "rows: a day, its receipt, how far the till was read")
    t.later("+1h", "sync").must(0)
    t.later("+49h", "sync").must(0)
    same(len(booked(t)), 2, "booked a day later")
    # now the cursor has passed both: nothing is read any more
    t.later("+98h", "sync").must(0)
    os.unlink(t.path("sales/a.jsonl"))
    folder_flow.put(t, "b.jsonl", simple(3))
    t.later("+99h", "sync").must(0)
    same(booked(t)["till-%s-2-S" % day(0)], {
        "Income:Sales": D("-10.00"), "Liabilities:VAT:NL-21": D("-2.10"),
        "Assets:Bank": D("12.10")}, "the late one")
    same({r: p for r, p in booked(t).items() if r in first}, first,
         "the day as it was")


def case_reads_again(t):
    """What was sold while a day was open comes once, however often it is
    read, and a day that is due is booked though nothing new came."""
    house(t)
    at = datetime.datetime.utcnow()
    for n in range(3):
        folder_flow.put(t, "a.jsonl", simple(n, at=at.strftime(
            "%Y-%m-%dT%H:%M:%SZ")))
        t.ok("sync")
        same(booked(t), {}, "booked too early")
    t.later("+49h", "sync").must(0)
    holds(sum(-p["Income:Sales"] for p in booked(t).values()) == 30,
          "booked: %r" % booked(t))
    before = folder_flow.text(t)
    for hours in (50, 80, 110):
        t.later("+%dh" % hours, "sync").must(0)
    same(folder_flow.text(t), before, "the journal")


def case_mended(t):
    """A receipt without a rule is refused alone; mended, it is a late one."""
    house(t)
    other = receipt(2, [dict(line(D("1.19"), 19), vat_country="DE")], "pin")
    folder_flow.put(t, "a.jsonl", simple(1), other, simple(3))
    r = t.run("sync").must(1)
    same(len(r.err.splitlines()), 1, "lines of stderr: " + r.err)
    has(r.err, "sale 2: no VAT rule")
    same(list(booked(t)), ["till-%s-S" % day(0)], "booked")
    same(t.errors(), {"2": "S201"}, "errors")
    t.ok("sync")
    t.tenants["tea"]["rules"]["vat"]["DE 19"] = "Liabilities:VAT:DE-19"
    t.configure()
    t.run("sync", "--retry").must(0)
    same(t.errors(), {}, "errors")
    same(booked(t)["till-%s-2-S" % day(0)]["Income:Sales"], D("-1.00"),
         "the late one")
    t.ok("sync", "--since", day(-1))
    same(len(booked(t)), 2, "booked")


def case_refused_day(t):
    """A day that can't be booked is refused once; with --retry its receipts
    are read again, all of them."""
    house(t)
    rules = t.tenants["tea"]["rules"]
    rules["closed_until"] = day(0)
    t.configure()
    folder_flow.put(t, "a.jsonl", simple(1), simple(2))
    folder_flow.put(t, "b.jsonl", simple(3, at=day(1) + "T12:00:00Z"))
    r = t.run("sync").must(1)
    same(len(r.err.splitlines()), 1, "lines of stderr: " + r.err)
    same(t.errors(), {day(0): "S230"}, "errors")
    same(list(booked(t)), ["till-%s-S" % day(1)], "booked")
    t.ok("sync")
    t.ok("sync", "--since", day(-1))
    rules["closed"] = "next"
    t.configure()
    t.ok("sync", "--since", day(-1))
    t.run("sync", "--retry").must(0)
    same(t.errors(), {}, "errors")
    same(booked(t)["till-%s-S" % day(0)]["Income:Sales"], D("-20.00"),
         "the day")
    t.ok("sync", "--since", day(-1))
    same(len(booked(t)), 2, "booked")


def online(t, **rules):
    """From a folder to the fake of Moneybird."""
    os.mkdir(t.path("sales"))
    t.shop = t.fake_shop([])
    t.books = t.fake_books()
    t.init()
    acme = t.tenant(source="till", **rules)
    acme["sources"]["till"] = {"connector": "folder", "path": "sales",
                               "receipts": "day"}
    acme["rules"]["vat"]["none"] = CODES["NL 0"]
    acme["books"]["timeout"] = "1s"
    t.configure()
    return acme


def documents(t):
    return {d["reference"]: (D(d["total_price_incl_tax"]), d)
            for d in t.books.dump()["documents"]}


def case_books_that_compute(t):
    """Moneybird works VAT out over the day: the total is that of the till."""
    online(t)
    sold = [receipt(n, [line(D("0.37") * n, 21), line(D("1.13"), 9)],
                    "ideal") for n in range(1, 30)]
    folder_flow.put(t, "a.jsonl", *sold)
    t.ok("sync")
    got = documents(t)
    same(list(got), ["till-%s-S" % day(0)], "references")
    same(got["till-%s-S" % day(0)][0], sum(D(s["incl"]) for s in sold),
         "the total")
    same(len(t.books.dump()["contacts"]), 1, "contacts")
    t.ok("sync", "--since", day(-1))
    same(len(documents(t)), 1, "documents")


def case_books_refuse(t):
    """Refused by the books, its receipts are free again."""
    online(t)
    folder_flow.put(t, "a.jsonl", simple(1), simple(2))
    t.books.fault("refuse", match=INVOICE, status=422,
                  body={"error": "closed"})
    t.run("sync").must(1)
    same(t.errors(), {day(0): "S216"}, "errors")
    t.books.control(faults=[])
    t.ok("sync", "--since", day(-1))
    same(documents(t), {}, "documents")
    t.run("sync", "--retry").must(0)
    same((documents(t)["till-%s-S" % day(0)][0], t.errors()),
         (D("24.20"), {}), "the day, errors")
    t.ok("sync", "--since", day(-1))
    same(len(documents(t)), 1, "documents")


def case_lost_answer(t):
    """Whether or not the books have it, the day is booked once."""
    online(t)
    for n, kind in enumerate(("close", "lose", "unsent", "cut")):
        folder_flow.put(t, "%d.jsonl" % n, *[
            simple("%d-%d" % (n, i), at=day(n) + "T12:00:00Z")
            for i in range(3)])
        t.books.fault(kind, match=INVOICE)
        t.ok("sync")
        same(documents(t)["till-%s-S" % day(n)][0], D("36.30"),
             "the day after " + kind)
        same(len(t.books.dump()["documents"]), n + 1, "documents")
        t.ok("sync", "--since", day(-1))
    same(len(t.books.dump()["documents"]), 4, "documents")


case_lost_answer.seconds = 25


def killed(t):
    """Dead with the summary at the books, and no answer."""
    online(t)
    folder_flow.put(t, "a.jsonl", simple(1), simple(2))
    t.books.fault("hang", match=INVOICE, seconds=30)
    run = t.start("sync", detach=True)
    until(lambda: any(r["fault"] for r in t.books.dump()["requests"]),
          "the request")
    os.killpg(run.pid, signal.SIGKILL)
    run.end()
    t.books.control(faults=[])


def case_killed(t):
    """The receipts stay with the summary that was sent; one that came since
    is late."""
    killed(t)
    folder_flow.put(t, "a.jsonl", simple(3, "1.21"))
    t.freed("sync")
    t.run("sync").must(0)
    got = {ref: total for ref, (total, _) in documents(t).items()}
    same(got, {"till-%s-S" % day(0): D("24.20"),
               "till-%s-2-S" % day(0): D("1.21")}, "documents")
    same(len(t.books.dump()["documents"]), 2, "documents")
    t.ok("sync", "--since", day(-1))
    same(len(t.books.dump()["documents"]), 2, "documents")


case_killed.seconds = 12


def case_killed_and_gone(t):
    """The summary is not in the books, and one of its receipts is gone: it is
    not sent as it was, but told, and made anew with --retry."""
    killed(t)
    for d in t.books.dump()["documents"]:
        t.books.delete(d["id"])
    os.unlink(t.path("sales/a.jsonl"))
    folder_flow.put(t, "b.jsonl", simple(1))
    r = t.run("sync", timeout=60).must(1)
    has(r.err, "S221")
    same(documents(t), {}, "documents")
    t.run("sync", "--retry").must(0)
    same({r: x[0] for r, x in documents(t).items()},
         {"till-%s-S" % day(0): D("12.10")}, "documents")
    same(t.errors(), {}, "errors")
    t.ok("sync", "--since", day(-1))
    same(len(documents(t)), 1, "documents")


case_killed_and_gone.seconds = 12


def case_one_by_one_and_back(t):
    """What was booked one way is not booked again the other."""
    house(t)
    source = t.tenants["tea"]["sources"]["till"]
    folder_flow.put(t, "a.jsonl", simple(1), simple(2))
    t.ok("sync")
    before = folder_flow.text(t)
    source["receipts"] = "each"
    t.configure()
    t.ok("sync", "--since", day(-1))
    same(folder_flow.text(t), before, "the journal")
    folder_flow.put(t, "a.jsonl", simple(3))
    t.ok("sync")
    source["receipts"] = "day"
    t.configure()
    t.ok("sync", "--since", day(-1))
    same(sorted(booked(t)), sorted(["till-%s-S" % day(0), "till-3-T"]),
         "booked")


def case_one_receipt(t):
    """--order of a receipt says that it goes with its day, and books
    nothing."""
    house(t)
    folder_flow.put(t, "a.jsonl", simple(1), receipt(
        "r1", [dict(line(D("1.21"), 21), excl="-1.00", vat="-0.21")], "pin",
        None, "refund", refund_of="1"), dict(
        folder_flow.receipt(7, "order")))
    r = t.run("sync", "--order", "1").must(0)
    has(r.err, "[S120]")
    same(booked(t), {}, "booked")
    t.ok("sync", "--order", "7")
    same(list(booked(t)), ["till-7"], "booked")


def case_two_totals(t):
    """A till that sends totals of its own as well; and one whose clock is
    ahead."""
    house(t)
    folder_flow.put(t, "a.jsonl", simple(1), dict(
        simple("Z1"), kind="summary"), simple(2, at="2099-01-01T12:00:00Z"))
    r = t.run("sync").must(1)
    has(r.err, "[S241]")
    has(r.err, "[S240]")
    same(list(booked(t)), ["till-%s-S" % day(0)], "booked")
    same(t.errors(), {"Z1": "S241", "2": "S240"}, "errors")
    t.ok("sync")


def case_dry_run(t):
    """It shows the days that are over as they will be booked, and counts what
    waits; what is booked then is the same."""
    house(t)
    now = datetime.datetime.utcnow().strftime("%Y-%m-%dT%H:%M:%SZ")
    back = [dict(line(D("1.21"), 21), excl="-1.00", vat="-0.21")]
    folder_flow.put(t, "a.jsonl", receipt(
        "r1", back, "cash", day(1) + "T12:00:00Z", "refund", refund_of="1"),
        simple(1), simple(2, at=now))
    for _ in range(2):
        r = t.run("sync", "--dry-run", "--json").must(0)
        rows = r.json()
        docs = [x["reference"] for x in rows if "reference" in x]
        same(docs, ["till-%s-S" % day(0), "till-%s-S" % day(1)], "documents")
        same([(x["to_book"], x["waiting"]) for x in rows
              if x.get("type") == "tenant"], [(2, 1)], "to book, waiting")
    t.ok("sync")
    same(sorted(booked(t)), docs, "booked")
    rows = t.run("sync", "--dry-run", "--json").must(0).json()
    same([(x["to_book"], x["waiting"]) for x in rows
          if x.get("type") == "tenant"], [(0, 1)], "to book, waiting")


def case_dedupe(t):
    """Receipts against their record, a day's records against its summaries:
    nothing is reported wrongly, and what differs is."""
    house(t, day_starts="05:00")
    now = datetime.datetime.utcnow().strftime("%Y-%m-%dT%H:%M:%SZ")
    back = [dict(line(D("1.21"), 21), excl="-1.00", vat="-0.21")]
    folder_flow.put(t, "a.jsonl", simple(1),
                    simple(2, at=day(1) + "T01:00:00Z"), simple(3, at=now),
                    receipt("r1", back, "pin", day(1) + "T12:00:00Z",
                            "refund", refund_of="1"))
    t.ok("sync")
    t.ok("dedupe")
    t.ok("dedupe", "--since", day(0), "--until", day(0))
    folder_flow.put(t, "a.jsonl", simple(4, "1.21"))
    t.ok("sync")
    same(len(booked(t)), 3, "summaries")
    t.ok("dedupe")

    def found():
        rows = t.run("dedupe", "--json").must(1).json()
        return sorted((r["id"], r["finding"]) for r in rows)
    # a late receipt that no run has seen
    folder_flow.put(t, "b.jsonl", simple(5, "2.42"))
    same(found(), [("5", "not booked")], "found")
    t.ok("sync")
    t.ok("dedupe")
    # one changed in the shop
    text = t.read("sales/b.jsonl")
    t.write("sales/b.jsonl", json.dumps(simple(5, "3.63")) + "\n")
    same(found(), [("5", "other amount in the shop")], "found")
    t.write("sales/b.jsonl", text)
    t.ok("dedupe")
    # a summary that somebody took out of the books
    journal = folder_flow.text(t)
    ref = "till-%s-2-S" % day(0)
    t.write("books.journal", re.sub(
        r"(?ms)^; begin %s\n.*?^; end %s\n" % (ref, ref), "", journal))
    same(found(), [(day(0), "other amount in the books")], "found")
    # and one that was copied
    t.write("books.journal", journal + re.search(
        r"(?ms)^; begin %s\n.*?^; end %s\n" % (ref, ref), journal).group())
    same(found(), [(day(0), "booked twice")], "found")
    t.write("books.journal", journal)
    t.ok("dedupe")


def case_repair(t):
    """A record that was lost is mended by the books, day and receipts."""
    house(t)
    shutil.copytree(t.path("store"), t.path("backup"))
    folder_flow.put(t, "a.jsonl", simple(1), simple(2))
    t.ok("sync")
    folder_flow.put(t, "a.jsonl", simple(3, "1.21"))
    t.ok("sync")
    before = folder_flow.text(t)
    shutil.rmtree(t.path("store"))
    shutil.copytree(t.path("backup"), t.path("store"))
    rows = t.run("dedupe", "--json").must(1).json()
    same([(r["id"], r["finding"], r["repaired"]) for r in rows],
         [(day(0), "booked but not recorded", False)], "found")
    rows = t.run("dedupe", "--repair", "--json").must(1).json()
    same([r["repaired"] for r in rows], [True], "repaired")
    t.ok("dedupe")
    t.run("sync").must(0)
    same(folder_flow.text(t), before, "the journal")
    folder_flow.put(t, "a.jsonl", simple(4, "1.21"))
    t.run("sync").must(0)
    same("till-%s-3-S" % day(0) in booked(t), True, "the next late one")


def case_manual(t):
    """The day that salesync-stream(5) shows."""
    house(t)
    page = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                        "../../man/salesync-stream.5")
    with open(page, encoding="utf-8") as f:
        day_file = re.search(r"^(id,kind,refund_of.*?)^\.Ed", f.read(),
                             re.M | re.S).group(1)
    t.write("sales/day.csv", day_file)
    t.run("sync", prefix=t.moved("@2026-11-04 09:00:00")).must(0)
    same(booked(t), {"till-2026-11-02-S": {
        "Assets:Cash": D("-10.35"), "Assets:Bank": D("38.75"),
        "Income:Sales": D("-2.96"), "Liabilities:VAT:NL-9": D("-0.27"),
        "Liabilities:Deposits": D("-0.25"), "Liabilities:Tips": D("-1.00"),
        "Liabilities:Cards": D("-25.00"), "Expenses:Rounding": D("-0.02"),
        "Expenses:Difference": D("1.10")}}, "booked")


def case_forget_held(t):
    """A summary of unknown outcome, and its receipts with it, is dropped by a
    person, and its day booked anew."""
    acme = online(t)
    acme["books"]["timeout"] = "1s"
    folder_flow.put(t, "a.jsonl", simple(1), simple(2))
    t.books.fault("merge", match=INVOICE,
                  body={"total_price_incl_tax": "1.00"})
    t.run("sync").must(1)
    same(t.errors(), {day(0): "S215"}, "errors")
    t.books.control(faults=[])
    t.ok("sync", "--since", day(-1))
    for d in t.books.dump()["documents"]:
        t.books.delete(d["id"])
    t.run("dedupe", "--forget", "till:" + day(0), "acme").must(0)
    t.ok("sync", "--since", day(-1))
    same({r: x[0] for r, x in documents(t).items()},
         {"till-%s-S" % day(0): D("24.20")}, "documents")
    same(t.errors(), {}, "errors")
