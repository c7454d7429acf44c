#!/usr/bin/python3
"""shop_data.py N [--seed S] [--start DATE] - N orders of a WooCommerce shop.

A JSON list in WooCommerce's own shape, the same for the same arguments.  The
members that start with "_" are the fake's own: "_refunds" are the order's
refunds in full, "_what" says what the order is there for.

Guests and customers, companies, 21, 9 and 0 %, other countries of the EU,
export, reverse charge, coupons, fees, free and paid shipping, refunds (whole
and in part, with lines and of an amount alone), ties in the dates.
"""
import argparse
import datetime
import json
import random
import sys
from decimal import ROUND_HALF_UP, Decimal as D

RATES = {  # id: country, percent, class, label
    1: ("NL", 21, "", "BTW 21%"), 2: ("NL", 9, "verlaagd", "BTW 9%"),
    3: ("NL", 0, "nul", "BTW 0%"), 4: ("DE", 19, "", "MwSt 19%"),
    5: ("DE", 7, "verlaagd", "MwSt 7%"), 6: ("BE", 21, "", "BTW 21%"),
    7: ("BE", 6, "verlaagd", "BTW 6%"),
}
GOODS = [  # sku, name, price without VAT, tax class
    ("LAMP1", "Lamp", "20.00", ""), ("BOEK1", "Boek", "10.00", "verlaagd"),
    ("MOK-7", "Mok \u201cMo\u00eft\u00e9\u201d", "8.26", ""),
    ("THEE", "Thee, 100 g", "4.54", "verlaagd"),
    ("POSTZ", "Postzegels", "10.10", "nul"),
    ("KABEL", "USB-kabel 2 m", "3.31", ""),
    ("STOEL", "Stoel \U0001fa91", "123.97", ""),
]
PEOPLE = [("Anna", "Jansen"), ("Bj\u00f6rn", "\u00d8stergaard"),
          ("Zo\u00eb", "van den Berg"), ("\u0141ukasz", "Wi\u015bniewski"),
          ("Fatma", "\u00c7elik"), ("Jos\u00e9", "Nu\u00f1ez"),
          ("\u674e", "\u5c0f\u9f99"), ("Sinan", "O'Neill")]
PLACES = {"NL": ("1234 AB", "Utrecht"), "DE": ("50667", "K\u00f6ln"),
          "BE": ("2000", "Antwerpen"), "US": ("94105", "San Francisco"),
          "FR": ("75001", "Paris")}
KINDS = ["plain"] * 8 + ["customer"] * 4 + ["company", "free_shipping",
         "coupon", "coupon", "fee", "discount_fee", "zero", "de", "be",
         "reverse", "export", "refund_full", "refund_bare", "refund_part",
         "refund_part_bare", "refund_twice", "pending", "cancelled"]


def cents(x):
    return D(x).quantize(D("0.01"), ROUND_HALF_UP)


def text(x):
    return str(cents(x))


def iso(at):
    return at.strftime("%Y-%m-%dT%H:%M:%S")


class Shop:
    def __init__(self, seed=1, start="2026-11-01T08:00:00"):
        self.random = random.Random(seed)
        self.at = datetime.datetime.fromisoformat(start)
        self.next_id = 1001
        self.item_id = 1

    def new_id(self):
        self.next_id += 1
        return self.next_id - 1

    def new_item(self):
        self.item_id += 1
        return self.item_id - 1

    def rate(self, country, tax_class):
        for number, (c, _, k, _) in RATES.items():
            if (c, k) == (country, tax_class):
                return number
        return 1 if tax_class == "" and country == "NL" else None

    def taxes(self, country, tax_class, total, subtotal=None):
        """The tax and the "taxes" of an item."""
        number = self.rate(country, tax_class)
        if number is None:
            return D(0), D(0), []
        part = D(RATES[number][1]) / 100
        tax = cents(total * part)
        before = cents(subtotal * part) if subtotal is not None else None
        return tax, before if before is not None else tax, [
            {"id": number, "total": str(tax),
             "subtotal": "" if before is None else str(before)}]

    def article(self, goods, quantity, country, off=0):
        sku, name, price, tax_class = goods
        subtotal = cents(D(price) * quantity)
        total = cents(subtotal * (100 - off) / 100)
        tax, before, taxes = self.taxes(country, tax_class, total, subtotal)
        return {"id": self.new_item(), "name": name,
                "product_id": 10 + len(sku), "variation_id": 0,
                "quantity": quantity, "tax_class": tax_class,
                "subtotal": str(subtotal), "subtotal_tax": text(before),
                "total": str(total), "total_tax": text(tax), "taxes": taxes,
                "meta_data": [], "sku": sku, "price": float(total / quantity),
                "image": {"id": "", "src": ""}, "parent_name": None}

    def extra(self, country, total, **more):
        total = cents(total)
        tax, _, taxes = self.taxes(country, "", total)
        if total == 0:
            tax, taxes = D(0), []
        item = {"id": self.new_item(), "total": str(total),
                "total_tax": text(tax), "taxes": taxes,
                "tax_status": "taxable", "meta_data": []}
        item.update(more)
        return item

    def tax_lines(self, order):
        sums = {}
        for key in ("line_items", "shipping_lines", "fee_lines"):
            for item in order[key]:
                for tax in item["taxes"]:
                    two = sums.setdefault(tax["id"], [D(0), D(0)])
                    two[key == "shipping_lines"] += D(tax["total"])
        return [{"id": self.new_item(),
                 "rate_code": "%s-%s-1" % (RATES[n][0], RATES[n][3].upper()),
                 "rate_id": n, "label": RATES[n][3], "compound": False,
                 "tax_total": text(two[0]), "shipping_tax_total":
                 text(two[1]), "rate_percent": RATES[n][1], "meta_data": []}
                for n, two in sorted(sums.items())]

    def billing(self, country, company):
        first, last = self.random.choice(PEOPLE)
        postcode, city = PLACES[country]
        return {"first_name": first, "last_name": last, "company": company,
                "address_1": "Dorpsstraat", "address_2":
                str(self.random.randint(1, 300)), "city": city, "state": "",
                "postcode": postcode, "country": country, "email":
                "klant%d@example.test" % self.random.randint(1, 10 ** 6),
                "phone": "0612345678"}

    def order(self, kind):
        r = self.random
        country = {"de": "DE", "be": "BE", "reverse": "FR",
                   "export": "US"}.get(kind, "NL")
        vat_at = "" if country in ("FR", "US") else country
        company = "" if kind not in ("company", "reverse") else \
            "Soci\u00e9t\u00e9 & Zn. B.V."
        o = {"id": self.new_id(), "parent_id": 0, "status": r.choice(
             ["processing", "completed"]), "currency": "EUR",
             "version": "10.0.2", "prices_include_tax": False}
        goods = [g for g in GOODS if g[3] != "nul"] if kind != "zero" else \
            [GOODS[4]]
        if kind == "be" or kind == "de":
            goods = [g for g in goods if g[3] in ("", "verlaagd")]
        o["line_items"] = [
            self.article(g, r.randint(1, 4), vat_at,
                         10 if kind == "coupon" else 0)
            for g in r.sample(goods, min(len(goods), r.randint(1, 3)))]
        ship = "0.00" if kind in ("free_shipping", "zero") else "4.95"
        o["shipping_lines"] = [self.extra(
            vat_at, ship, method_title="PostNL", method_id="flat_rate",
            instance_id="")]
        o["fee_lines"] = []
        if kind in ("fee", "discount_fee"):
            o["fee_lines"] = [self.extra(
                vat_at, "2.00" if kind == "fee" else "-1.50", name="Cadeau",
                tax_class="", amount="")]
        o["coupon_lines"] = [] if kind != "coupon" else [
            {"id": self.new_item(), "code": "tien", "discount": "4",
             "discount_tax": "0.6", "meta_data": [],
             "discount_type": "percent", "nominal_amount": 10,
             "free_shipping": False}]
        o["tax_lines"] = self.tax_lines(o)
        self.finish(o, kind, country, company)
        return o

    def finish(self, o, kind, country, company):
        r = self.random
        items = o["line_items"] + o["shipping_lines"] + o["fee_lines"]
        tax = sum(D(i["total_tax"]) for i in items)
        total = sum(D(i["total"]) for i in items) + tax
        local = self.at + datetime.timedelta(hours=1)
        meta = [{"id": self.new_item(), "key": "_order_source",
                 "value": "direct"}]
        if kind in ("company", "reverse"):
            meta.append({"id": self.new_item(), "key": "_billing_vat_number",
                         "value": "NL 1234.56.789.B01" if country == "NL"
                         else "FR40303265045"})
        o.update({
            "total": text(total), "total_tax": text(tax), "number":
            str(o["id"]), "customer_id": r.randint(1, 500) if kind in
            ("customer", "company") else 0, "billing":
            self.billing(country, company), "shipping": {"country": ""},
            "payment_method": r.choice(["mollie_wc_gateway_ideal", "bacs"]),
            "payment_method_title": "iDEAL", "transaction_id": "",
            "meta_data": meta, "refunds": [], "_refunds": [],
            "discount_total": "0.00", "shipping_total":
            o["shipping_lines"][0]["total"], "date_created": iso(local),
            "date_created_gmt": iso(self.at), "date_modified": iso(local),
            "date_modified_gmt": iso(self.at), "date_paid_gmt": iso(self.at),
            "date_completed_gmt": None, "created_via": "checkout",
            "customer_note": "", "currency_symbol": "\u20ac",
            "_what": kind})
        if kind in ("pending", "cancelled"):
            o["status"], o["date_paid_gmt"] = kind, None
        if kind.startswith("refund"):
            self.refunds(o, kind)

    def refund(self, o, amount, items, minutes):
        at = self.at + datetime.timedelta(minutes=minutes)
        r = {"id": self.new_id(), "date_created": iso(
            at + datetime.timedelta(hours=1)), "date_created_gmt": iso(at),
            "amount": text(amount), "reason": "", "refunded_by": 1,
            "refunded_payment": False, "meta_data": [], "line_items": [],
            "shipping_lines": [], "fee_lines": []}
        for key, item in items:
            back = json.loads(json.dumps(item))
            for k in ("subtotal", "subtotal_tax", "total", "total_tax"):
                if back.get(k):
                    back[k] = text(-D(back[k]))
            for tax in back["taxes"]:
                for k in ("total", "subtotal"):
                    if tax[k]:
                        tax[k] = text(-D(tax[k]))
            if "quantity" in back:
                back["quantity"] = -back["quantity"]
            back["id"] = self.new_item()
            r[key].append(back)
        r["tax_lines"] = self.tax_lines(r)
        o["_refunds"].append(r)
        o["refunds"].append({"id": r["id"], "reason": "",
                             "total": text(-D(r["amount"]))})
        o["date_modified_gmt"] = iso(at)
        o["date_modified"] = iso(at + datetime.timedelta(hours=1))

    def refunds(self, o, kind):
        total = D(o["total"])
        first = o["line_items"][0]
        part = D(first["total"]) + D(first["total_tax"])
        every = [(k, i) for k in ("line_items", "shipping_lines",
                                  "fee_lines") for i in o[k]]
        if kind == "refund_full":
            self.refund(o, total, every, 2)
        elif kind == "refund_bare":
            self.refund(o, total, [], 2)
        elif kind == "refund_part":
            self.refund(o, part, [("line_items", first)], 2)
        elif kind == "refund_part_bare":
            self.refund(o, cents(total / 3), [], 2)
        elif kind == "refund_twice":
            self.refund(o, part, [("line_items", first)], 2)
            self.refund(o, total - part, [], 3)
        if sum(D(r["amount"]) for r in o["_refunds"]) == total:
            o["status"] = "refunded"

    def make(self, n):
        orders = []
        for i in range(n):
            kind = KINDS[i] if i < len(KINDS) else self.random.choice(KINDS)
            orders.append(self.order(kind))
            if i % 5:		# several orders share a second
                self.at += datetime.timedelta(minutes=7)
        return orders


def make(n, seed=1, start="2026-11-01T08:00:00"):
    return Shop(seed, start).make(n)


if __name__ == "__main__":
    p = argparse.ArgumentParser()
    p.add_argument("n", type=int)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--start", default="2026-11-01T08:00:00")
    a = p.parse_args()
    json.dump(make(a.n, a.seed, a.start), sys.stdout)
    print()
