"""What must stand in the books for the orders of a shop, worked out from the
orders alone, and the comparison with what does.
"""
import re
from collections import Counter
from decimal import Decimal as D

import shop_data
from house import CODES, holds, same

EU = "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO " \
    "SK SI ES SE".split()


def is_booked(order):
    paid = order["date_paid_gmt"]
    return order["status"] in ("processing", "completed") or \
        order["status"] == "refunded" and order["refunds"] or \
        order["status"] == "cancelled" and order["refunds"] and paid


def code_of(order, item):
    """The books' VAT code of an item."""
    buyer = order["billing"]["country"]
    for tax in item["taxes"]:
        if tax["total"]:
            country, percent, _, _ = shop_data.RATES[tax["id"]]
            key = "%s %d" % (country, percent)
            if percent or buyer == "NL":
                return CODES[key]
    if buyer == "NL":
        return CODES["NL 0"]
    return CODES["export" if buyer not in EU else "reverse_charge"]


def vat_of(order, part):
    """VAT and base per code of an order or refund."""
    vat, base = {}, {}
    for key in ("line_items", "shipping_lines", "fee_lines"):
        for item in part[key]:
            if not D(item["total"]) and not D(item["total_tax"]):
                continue
            code = code_of(order, item)
            vat[code] = vat.get(code, D(0)) + D(item["total_tax"])
            base[code] = base.get(code, D(0)) + D(item["total"])
    return vat, base


def can_be_told(order, part):
    """Whether books that compute VAT once for each rate come to the shop's
    own, from prices without it or with it."""
    vat, base = vat_of(order, part)
    rate = {v: D(k.split()[1]) for k, v in CODES.items() if " " in k}
    over = within = True
    for code, tax in vat.items():
        r = rate.get(code, D(0))
        over &= shop_data.cents(base[code] * r / 100) == tax
        within &= shop_data.cents((base[code] + tax) * r / (100 + r)) == tax
    return over or within


def refund_vat(order, refund, left):
    """Of a refund, and how exact that is."""
    vat, base = vat_of(order, refund)
    lines = sum(vat.values()) + sum(base.values())
    if -lines == D(refund["amount"]):
        return vat, D(0) if can_be_told(order, refund) else D("0.05")
    if left == D(refund["amount"]):
        return None, D("0.02")	# the rest of the order
    whole, bases = vat_of(order, order)
    part = D(refund["amount"]) / D(order["total"])
    return {c: -shop_data.cents(v * part) for c, v in whole.items()}, \
        D("0.02")


def documents(orders, source="shop"):
    """{reference: {incl, vat: {code: amount}, slack}}"""
    out = {}
    for o in orders:
        if not is_booked(o):
            continue
        name = "%s-%s" % (source, o["number"])
        vat, _ = vat_of(o, o)
        out[name] = {"incl": D(o["total"]), "vat": vat,
                     "slack": D(0) if can_be_told(o, o) else D("0.05"),
                     "excl": D(o["total"]) - D(o["total_tax"])}
        left, rest = D(o["total"]), dict(vat)
        for r in o["_refunds"]:
            its, slack = refund_vat(o, r, left)
            if its is None:
                its = {c: -v for c, v in rest.items()}
            rest = {c: v + its.get(c, 0) for c, v in rest.items()}
            left -= D(r["amount"])
            out["%s-R%d" % (name, r["id"])] = {
                "incl": -D(r["amount"]), "vat": its, "slack": slack}
    return out


def changes(dump):
    """How often each document was asked to be made, made final and paid."""
    names = {d["id"]: d["reference"] for d in dump["documents"]}
    n = Counter()
    for r in dump["requests"]:
        line = r["line"]
        ref = re.search(r'"reference":"([^"]*)"', r["body"])
        at = re.search(r"/sales_invoices/(\d+)/(\w+)", line)
        if re.match(r"POST \S+/sales_invoices\.json", line):
            n["make", ref.group(1)] += 1
        elif re.match("(POST|PATCH) ", line) and at:
            n[at.group(2), names.get(at.group(1), at.group(1))] += 1
        elif re.match(r"POST \S+/contacts\.json", line):
            n["contact", ""] += 1
    return n


def nonzero(vat):
    return {c: v for c, v in vat.items() if v}


def is_rounded(doc):
    return any(d["description"] == "Rounding" for d in doc["details"])


def same_vat(doc, want):
    got = {t["tax_rate_id"]: D(t["tax_amount"]) for t in doc["tax_totals"]}
    name = doc["reference"]
    slack = want["slack"] if not is_rounded(doc) else D("0.05")
    if not slack:
        same(nonzero(got), nonzero(want["vat"]), "VAT of " + name)
        return
    for code in set(got) | set(want["vat"]):
        diff = abs(got.get(code, D(0)) - want["vat"].get(code, D(0)))
        holds(diff <= slack, "VAT of %s under %s is off by %s" % (
            name, code, diff))


def same_document(doc, want):
    name = doc["reference"]
    same(D(doc["total_price_incl_tax"]), want["incl"], "total of " + name)
    if "excl" in want and not is_rounded(doc):
        off = D(doc["total_price_excl_tax"]) - want["excl"]
        holds(abs(off) <= want["slack"], "base of %s: %s, want %s" % (
            name, doc["total_price_excl_tax"], want["excl"]))
    same_vat(doc, want)
    if want["incl"]:
        same(doc["state"], "paid", "state of " + name)
        same([D(p["price"]) for p in doc["payments"]], [want["incl"]],
             "payments of " + name)


def same_books(dump, orders, source="shop", sent_once=True):
    """The books hold each sale of these orders once, to the cent, and nothing
    else; and each request for it went out once."""
    want = documents(orders, source)
    mine = [d for d in dump["documents"]
            if d["reference"].startswith(source + "-")]
    same(Counter(d["reference"] for d in mine),
         Counter(want.keys()), "the documents")
    for doc in mine:
        same_document(doc, want[doc["reference"]])
    if not sent_once:
        return want
    n = changes(dump)
    for name in want:
        same(n["make", name], 1, "requests to make " + name)
        same(n["send_invoice", name], 1, "requests to send " + name)
        holds(n["payments", name] <= 1, "payments of %s: %d" % (
            name, n["payments", name]))
    return want
