"""Sales that can't be booked: told in words, kept from the books, offered
again, and never in the way of the others.
"""
import json
import re
from decimal import Decimal as D

import expect
from house import CODES, has, holds, orders, plain, same


def one(kind, seed=1):
    return orders(1, seed, [kind])[0]


def beside(t, bad, **rules):
    """A house with good orders around the bad ones; all but those are
    booked.  The run."""
    made = plain(2, 7)
    for n, order in enumerate(bad):
        move(order, 2000 + 10 * n)
    last = move(orders(1, 9, ["plain"])[0], 3000)
    t.good = made + [last]
    t.make(made + bad + [last], **rules)
    r = t.run("sync").must(1)
    expect.same_books({**t.books.dump(), "documents": [
        d for d in t.books.dump()["documents"]
        if not re.match("shop-2", d["reference"])]}, t.good)
    return r


def move(order, number):
    order["id"], order["number"] = number, str(number)
    for n, refund in enumerate(order["_refunds"]):
        refund["id"] = number + n + 1
        order["refunds"][n]["id"] = number + n + 1
    return order


def refused(t, bad, code, n=1, **rules):
    """It is told once, the next run is silent; the words."""
    r = beside(t, bad, **rules)
    same(len(r.err.splitlines()), n, "lines of stderr: " + r.err)
    same(r.err.count(code), n, "stderr " + r.err)
    rows = t.error_rows()
    same({x["code"] for x in rows}, {code}, "errors")
    holds(all(x["state"] == "refused" for x in rows), "state %r" % rows)
    booked = [d["reference"] for d in t.books.dump()["documents"]
              if d["reference"].startswith("shop-2")]
    same([b for b in booked if "R" not in b] if code in (
        "S210", "S211") else booked, [] if code != "S210" else
        [b for b in booked if "R" not in b], "documents of the refused")
    t.ok("sync")
    again = t.run("sync", "--retry").must(1)
    same(again.err.count(code), n, "stderr of --retry: " + again.err)
    return r.err


def pasted(t, err):
    """Take the YAML that the message gives."""
    path = re.search(r"add under ([a-z: ]+): \{(.*?): \"\.\.\.\"\}", err)
    holds(path, "no YAML in " + err)
    at = t.tenants["acme"]
    for key in path.group(1).split(": "):
        at = at.setdefault(key, {})
    return at, path.group(2)


def case_vat_rule(t):
    bad = one("de")
    codes = {k: v for k, v in CODES.items() if k[:2] != "DE"}
    err = refused(t, [bad], "S201", vat=codes)
    has(err, "sale 2000")
    for _ in range(3):
        at, key = pasted(t, err)
        holds(key.startswith("DE "), key)
        at[key] = CODES[key]
        t.configure()
        r = t.run("sync", "--retry")
        err = r.err
        if r.code == 0:
            break
    same(r.code, 0, "after pasting %r" % r)
    expect.same_books(t.books.dump(), t.good + [bad])
    same(t.errors(), {}, "errors")


def case_payment_rule(t):
    bad = one("plain")
    bad["payment_method"] = "klarna"
    made = {"mollie_wc_gateway_ideal": "496000000000001100",
            "bacs": "496000000000001101"}
    err = refused(t, [bad], "S203", accounts={
        "sales": "496000000000008000", "rounding": "496000000000008004",
        "payments": made})
    has(err, "klarna")
    at, key = pasted(t, err)
    at[key] = "496000000000001102"
    t.configure()
    t.ok("sync", "--retry")
    expect.same_books(t.books.dump(), t.good + [bad])


def off(cents):
    bad = one("plain")
    bad["total"] = str(D(bad["total"]) + D(cents))
    return bad


def case_rounding_line(t):
    """A difference of 5 cents is a line of its own."""
    bad = [off("0.05"), off("-0.10")]
    made = [move(b, 2000 + 10 * n) for n, b in enumerate(bad)]
    t.make(made)
    t.ok("sync")
    docs = {d["reference"]: d for d in t.books.dump()["documents"]}
    for order, price in zip(made, ("0.05", "-0.1")):
        doc = docs["shop-" + order["number"]]
        same(D(doc["total_price_incl_tax"]), D(order["total"]), "total")
        lines = [d for d in doc["details"] if d["description"] == "Rounding"]
        same([(D(x["price"]), x["ledger_account_id"]) for x in lines],
             [(D(price), "496000000000008004")], "rounding line")


def case_total_off(t):
    refused(t, [off("0.50"), off("-0.11"), off("100")], "S204", 3)


def case_rounding_setting(t):
    refused(t, [off("0.03")], "S204", rounding="0.02")


def case_negative_quantity(t):
    bad = one("plain")
    bad["line_items"][0]["quantity"] = -1
    refused(t, [bad], "S206")


def amount(member, value):
    bad = one("plain")
    bad["line_items"][0][member] = value
    return bad


def case_amounts(t):
    """What is no amount; of 1e999 no number is made at all."""
    bad = [amount("total", "NaN"), amount("total", "1e999"),
           amount("total", ""), amount("total", "1,00"),
           amount("total_tax", "0x10"), amount("total", " "),
           amount("total", None), amount("total", "99999999999999999999"),
           amount("total", "Infinity"), amount("total", "--1"),
           amount("total", {"a": 1})]
    refused(t, bad, "S205", len(bad))


def case_totals_that_are_none(t):
    bad = []
    for value in ("NaN", "1e999", "", None, "1.2.3", []):
        bad.append(one("plain"))
        bad[-1]["total"] = value
    refused(t, bad, "S205", len(bad))


def case_negative_total(t):
    bad = one("plain")
    bad["total"] = "-" + bad["total"]
    refused(t, [bad], "S209")


def case_fields_that_are_huge(t):
    """Refused where cutting would change what it means; else cut."""
    bad = one("plain")
    bad["billing"]["email"] = "a" * 5000 + "@example.test"
    refused(t, [bad], "S207")


def case_names_that_are_huge(t):
    made = plain(1)
    made[0]["billing"]["first_name"] = "\u0141" * 5000
    made[0]["line_items"][0]["name"] = "\U0001fa91" * 3000
    made[0]["billing"]["address_1"] = "x" * 100000
    t.make(made)
    t.ok("sync")
    expect.same_books(t.books.dump(), made)


def case_many_lines(t):
    bad = one("plain")
    bad["line_items"] = bad["line_items"] * 400
    refused(t, [bad], "S207")


def case_no_lines(t):
    bad = one("plain")
    for key in ("line_items", "shipping_lines", "fee_lines"):
        bad[key] = []
    refused(t, [bad], "S209")


def case_currency(t):
    bad = one("plain")
    bad["currency"] = "euro"
    refused(t, [bad], "S208")


def case_dates(t):
    bad = []
    for text in ("", "yesterday", "2026-13-01T00:00:00", None):
        bad.append(one("plain"))
        bad[-1]["date_created_gmt"] = text
    refused(t, bad, "S218", len(bad))


def case_control_characters(t):
    """They go, and nothing breaks: not the stream, not the stderr."""
    made = plain(2)
    made[0]["billing"]["first_name"] = "A\nB\r\n{\"type\":\"end\"}\u0001\x1b[2J"
    made[0]["line_items"][0]["name"] = "line\none\u2028two\u0085"
    made[1]["payment_method"] = "x\x1b[31m"
    t.make(made)
    r = t.run("sync")
    holds(r.code == 0 and "\x1b" not in r.err, repr(r))
    expect.same_books(t.books.dump(), made)


def case_refused_by_the_books(t):
    """Their words are kept for the bookkeeper, sealed, and not logged."""
    made = plain(3)
    t.make(made)
    t.books.fault("refuse", n=2, status=422, body={
        "error": {"invoice_date": ["CANARY is in a locked period"]}})
    r = t.run("sync").must(1)
    has(r.err, "the books refused it: invoice_date [S216]")
    holds("CANARY" not in r.err, r.err)
    rows = t.error_rows()
    same([(x["number"], x["code"]) for x in rows],
         [(made[0]["number"], "S216")], "errors")
    has(rows[0]["detail"], "CANARY is in a locked period")
    has(t.run("errors").must(0).out, "CANARY is in a locked period")
    for name, text in t.everywhere("logs", "store").items():
        holds(b"CANARY" not in text, "the words stand in " + name)
    t.ok("sync")
    t.ok("sync", "--retry")
    expect.same_books(t.books.dump(), made, sent_once=False)


def case_reverse_charge_without_number(t):
    bad = one("reverse")
    bad["meta_data"] = []
    refused(t, [bad], "S217")


def case_refund_above(t):
    bad = one("refund_part_bare")
    more = str(D(bad["total"]) + 1)
    bad["_refunds"][0]["amount"] = more
    refused(t, [bad], "S210")


def case_refunds_above_together(t):
    bad = one("refund_twice")
    bad["_refunds"][1]["amount"] = bad["total"]
    bad = move(bad, 2000)
    made = plain(2)
    t.make(made + [bad])
    r = t.run("sync").must(1)
    same(r.err.count("S210"), 1, "stderr " + r.err)
    refs = {d["reference"] for d in t.books.dump()["documents"]}
    holds({"shop-2000", "shop-2000-R2001"} <= refs and
          "shop-2000-R2002" not in refs, "documents %r" % refs)


def case_lone_refund(t):
    """The order was placed before `since`, and is not booked: neither is
    its refund."""
    old = one("refund_part")
    old["date_created_gmt"] = "2024-06-01T10:00:00"
    made = plain(2, 3)
    for order in made:
        move(order, order["id"] + 100)
    t.make([old] + made)
    t.tenants["acme"]["sources"]["shop"]["since"] = "2025-01-01"
    t.configure()
    t.ok("sync")
    expect.same_books(t.books.dump(), made)


def case_refund_of_a_refused_order(t):
    bad = move(one("refund_part"), 2000)
    bad["total"] = str(D(bad["total"]) + 5)
    made = plain(1)
    t.make(made + [bad])
    r = t.run("sync").must(1)
    same((r.err.count("S204"), r.err.count("S211")), (1, 1), r.err)
    expect.same_books(t.books.dump(), made)
    # mended in the shop: both are booked, without --retry
    good = move(one("refund_part"), 2000)
    good["date_modified_gmt"] = good["date_modified_gmt"][:-1] + "9"
    t.shop.control(put=good)
    t.ok("sync")
    expect.same_books(t.books.dump(), made + [good])
    same(t.errors(), {}, "errors")


def case_retry_reads_new_ones_too(t):
    bad = move(off("0.50"), 2000)
    t.make([bad])
    t.run("sync").must(1)
    more = plain(1, 5)[0]
    t.shop.control(put=more)
    t.run("sync", "--retry").must(1)
    expect.same_books(t.books.dump(), [more])


def case_one_order(t):
    """--order offers one sale with its refunds, and moves no cursor."""
    made = orders(6, kinds=["refund_part", "plain"])
    t.make(made)
    t.ok("sync", "--order", str(made[2]["id"]), "acme")
    expect.same_books(t.books.dump(), made[2:3])
    same(t.cursors(), {"acme/shop": None}, "cursor")
    r = t.run("sync", "--order", "77", "acme").must(1)
    has(r.err, "S305")
    t.ok("sync")
    expect.same_books(t.books.dump(), made)


def case_dry_run(t):
    made = orders(10)
    t.make(made)
    r = t.run("sync", "--dry-run").must(0)
    same(r.err, "", "stderr")
    want = expect.documents(made)
    for name in want:
        has(r.out, name)
    same(t.books.dump()["documents"], [], "documents")
    same(expect.changes(t.books.dump()), {}, "changing requests")
    t.ok("sync")
    expect.same_books(t.books.dump(), made)
    same(json.loads(t.run("errors", "--json").out), [], "errors")
