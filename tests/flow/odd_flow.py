"""Sales that are unusual and right: amounts, numbers, currencies."""
import functools
import random
from decimal import ROUND_HALF_UP, Decimal as D

import expect
from house import has, holds, orders, plain, same

CENT = D("0.01")


def numbered(*numbers):
    made = plain(len(numbers))
    for order, number in zip(made, numbers):
        order["number"] = number
    return made


def docs(t):
    return t.books.dump()["documents"]


def case_numbers(t):
    """Shops that number their own way, even twice the same."""
    made = numbered("2026-0001", "2026-0001", "2026/0002", "#77", "\u00e977",
                    "1 2 3", "A" * 200, "A" * 199 + "B", "", "R1001", "-",
                    "2026.1", "x;--", "%2e%2e")
    t.make(made)
    t.ok("sync")
    refs = [d["reference"] for d in docs(t)]
    same((len(refs), len(set(refs))), (len(made), len(made)), repr(refs))
    holds(all(len(r) <= 60 for r in refs), "a reference is too long")
    same(sorted(D(d["total_price_incl_tax"]) for d in docs(t)),
         sorted(D(o["total"]) for o in made), "totals")
    t.ok("sync")
    t.ok("dedupe")


def numbers_lost(t, n):
    """References that the vendor's own lookup can't take are found."""
    t.make(numbered("2026-0001", "2026-0001"))
    t.books.fault("lose", n=n)
    t.ok("sync")
    dump = t.books.dump()
    same(sorted(dump["references"].values()), [1, 1], "documents")
    same({d["state"] for d in dump["documents"]}, {"paid"}, "states")
    t.ok("dedupe")


for N in (2, 3, 4, 6):
    globals()["case_numbers_lost_%d" % N] = functools.partial(numbers_lost,
                                                              n=N)


def case_numbers_of_sources(t):
    """Names that differ in a dash alone are not one source."""
    made = plain(2)
    t.make(made)
    acme = t.tenants["acme"]
    conf = acme["sources"]["shop"]
    other = t.fake_shop(plain(2, 5))
    acme["sources"] = {"a-b": conf, "a_b": dict(conf, url=other.url)}
    t.configure()
    r = t.run("check", "--offline")
    if r.code == 78:		# then they may not be there together
        return
    for name in ("a-b", "a_b"):
        t.rotate("acme", name, "consumer_key=ck_test\n"
                 "consumer_secret=cs_test\n")
    t.ok("sync")
    same(sorted(D(d["total_price_incl_tax"]) for d in docs(t)),
         sorted(D(o["total"]) for o in made + plain(2, 5)), "totals")


def case_source_with_a_dash(t):
    """A document of its own that has no sale is still known as its own."""
    made = plain(2)
    t.shop, t.books = t.fake_shop(made), t.fake_books()
    t.init()
    t.tenant(source="web-shop")
    t.ok("sync")
    t.ok("dedupe")
    t.shop.control(trash=made[0]["id"])
    r = t.run("dedupe", "--json").must(1)
    same([x["finding"] for x in r.json()], ["booked, not in the shop"],
         "findings")


def case_nothing_to_pay(t):
    """A coupon of all of it."""
    made = plain(2)
    for item in made[0]["line_items"] + made[0]["shipping_lines"]:
        item.update(total="0.00", total_tax="0.00")
        for tax in item["taxes"]:
            tax["total"] = "0"
    made[0].update(total="0.00", total_tax="0.00", coupon_lines=[
        {"id": 1, "code": "all", "discount": "9", "discount_tax": "1"}])
    t.make(made)
    t.ok("sync")
    same([D(d["total_price_incl_tax"]) for d in docs(t)],
         [D(0), D(made[1]["total"])], "totals")
    t.ok("sync")
    t.ok("dedupe")


def case_currencies(t):
    made = plain(4)
    made[0]["currency"] = "USD"
    made[1]["currency"] = "GBP"
    t.make(made)
    t.ok("sync")
    got = {d["reference"]: (d["currency"], D(d["total_price_incl_tax"]),
                            len(d["payments"])) for d in docs(t)}
    for order in made:
        same(got["shop-" + order["number"]],
             (order["currency"], D(order["total"]),
              int(order["currency"] == "EUR")), "order " + order["number"])


def case_yen(t):
    """A currency without cents."""
    made = plain(1)
    o = made[0]
    o["currency"] = "JPY"
    for item in o["line_items"] + o["shipping_lines"]:
        item["total"] = item["subtotal"] = "1000"
        item["total_tax"] = "210"
        item["taxes"] = [{"id": 1, "total": "210", "subtotal": "210"}]
    n = len(o["line_items"]) + 1
    o["total"], o["total_tax"] = str(1210 * n), str(210 * n)
    t.make(made)
    t.ok("sync")
    same([D(d["total_price_incl_tax"]) for d in docs(t)], [1210 * n],
         "totals")


def priced_with_vat(n, seed):
    """A shop whose prices have VAT in them: the usual one in the
    Netherlands.  VAT is rounded line by line."""
    r = random.Random(seed)
    made = plain(n, seed)
    for o in made:
        o["line_items"] = o["line_items"][:1] * r.randint(1, 4)
        o["line_items"] = [dict(i) for i in o["line_items"]]
        for item in o["line_items"] + o["shipping_lines"]:
            rate, number = r.choice(((21, 1), (21, 1), (9, 2)))
            incl = D(r.randint(50, 20000)) / 100
            tax = (incl - incl / (1 + D(rate) / 100)).quantize(
                CENT, ROUND_HALF_UP)
            item.update(total=str(incl - tax), total_tax=str(tax), taxes=[
                {"id": number, "total": str(tax), "subtotal": str(tax)}],
                subtotal=str(incl - tax), subtotal_tax=str(tax))
        items = o["line_items"] + o["shipping_lines"]
        o["total"] = str(sum(D(i["total"]) + D(i["total_tax"])
                             for i in items))
        o["total_tax"] = str(sum(D(i["total_tax"]) for i in items))
        shop = expect.shop_data.Shop()
        o["tax_lines"] = shop.tax_lines(o)
    return made


def case_prices_with_vat(t):
    """To the cent what was paid, and VAT as the shop has it where any way
    of telling the books leads there."""
    made = priced_with_vat(120, 3)
    t.make(made)
    t.ok("sync")
    expect.same_books(t.books.dump(), made)
    rounding = [D(x["price"]) for d in docs(t) for x in d["details"]
                if x["description"] == "Rounding"]
    holds(all(abs(r) <= D("0.10") for r in rounding), repr(rounding))
    holds(len(rounding) < len(made) // 4, "%d rounding lines" % len(rounding))


def case_many_decimals(t):
    """Line amounts in six decimals, as some plugins write them."""
    made = plain(30)
    for n, o in enumerate(made):
        for i, item in enumerate(o["line_items"]):
            if i == 0 and len(o["line_items"]) > 1:
                a, b = o["line_items"][0], o["line_items"][1]
                if a["tax_class"] == b["tax_class"]:
                    by = D("0.003333") * (n % 3)
                    a["total"] = str(D(a["total"]) + by)
                    b["total"] = str(D(b["total"]) - by)
    t.make(made)
    t.ok("sync")
    expect.same_books(t.books.dump(), made)


def case_gone_from_the_shop(t):
    """Trashed or deleted after it was booked: the books keep it."""
    made = plain(4)
    t.make(made)
    t.ok("sync")
    t.shop.control(trash=made[1]["id"])
    t.shop.control(delete=made[2]["id"])
    t.ok("sync")
    expect.same_books(t.books.dump(), made)
    r = t.run("dedupe", "--json").must(1)
    same([x["finding"] for x in r.json()], ["booked, not in the shop"] * 2,
         "findings")


def case_statuses(t):
    """Only what the tenant wants booked."""
    made = plain(4)
    made[0]["status"], made[1]["status"] = "on-hold", "wc-custom"
    made[2]["status"] = "failed"
    acme = t.make(made)
    t.ok("sync")
    expect.same_books(t.books.dump(), made[3:])
    acme["sources"]["shop"]["statuses"] = ["completed", "processing",
                                           "on-hold", "wc-custom"]
    t.configure()
    t.ok("sync", "--since", "2024-01-01")
    got = {d["reference"] for d in docs(t)}
    same(got, {"shop-" + made[i]["number"] for i in (0, 1, 3)}, "documents")


def case_drafts(t):
    """finalize: false leaves drafts, each once."""
    made = orders(10)
    acme = t.make(made)
    acme["books"]["finalize"] = False
    t.configure()
    t.ok("sync")
    want = expect.documents(made)
    same({d["reference"]: d["state"] for d in docs(t)},
         {name: "draft" for name in want}, "documents")
    t.ok("sync")
    t.ok("dedupe")
    has(str(len(want)), str(len(docs(t))))


def case_without_payments(t):
    """No map of payments: none is booked."""
    made = plain(3)
    acme = t.make(made)
    del acme["rules"]["accounts"]["payments"]
    t.configure()
    t.ok("sync")
    same([(d["state"], d["payments"]) for d in docs(t)], [("open", [])] * 3,
         "documents")
