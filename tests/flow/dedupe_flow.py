"""Shop, record and books held against each other."""
from decimal import Decimal as D

import expect
from house import CODES, has, holds, orders, plain, same


def booked(t, n=4):
    made = plain(n)
    t.make(made)
    t.ok("sync")
    t.ok("dedupe")
    return made


def findings(t, *args):
    r = t.run("dedupe", "--json", *args).must(1)
    same(r.err, "", "stderr")
    return [(x["id"], x["finding"], x["repaired"]) for x in r.json()]


def doc(t, order):
    return [d for d in t.books.dump()["documents"]
            if d["reference"] == "shop-" + order["number"]][0]


def seed(t, d, price):
    t.books.control(invoices=[{
        "contact_id": d["contact_id"], "reference": d["reference"],
        "invoice_date": d["invoice_date"], "prices_are_incl_tax": True,
        "details_attributes": [{"description": "x", "price": price}],
        "final": 1}])


def case_booked_twice(t):
    made = booked(t)
    d = doc(t, made[1])
    seed(t, d, d["total_price_incl_tax"])
    want = [(made[1]["number"], "booked twice", False)]
    same(findings(t), want, "findings")
    same(findings(t, "--repair"), want, "a person's, not ours")
    same(len(t.books.dump()["documents"]), 5, "documents")
    t.ok("sync")


def case_not_recorded(t):
    made = booked(t)
    t.ok("dedupe", "--forget", "shop:" + made[2]["number"], "acme")
    want = [(made[2]["number"], "booked but not recorded", False)]
    same(findings(t), want, "findings")
    same(findings(t, "--repair", "--dry-run"), want, "a dry run")
    same(findings(t, "--repair"), [want[0][:2] + (True,)], "mended")
    t.ok("dedupe")
    t.ok("sync", "--order", made[2]["number"], "acme")
    expect.same_books(t.books.dump(), made)


def case_gone(t):
    """Deleted in the books: never booked again of itself."""
    made = booked(t)
    t.books.delete(doc(t, made[1])["id"])
    want = [(made[1]["number"], "recorded but gone", False)]
    same(findings(t), want, "findings")
    same(findings(t, "--repair"), want, "a person's, not ours")
    t.ok("sync")
    t.ok("sync", "--order", made[1]["number"], "acme")
    same(len(t.books.dump()["documents"]), 3, "documents")
    # a person forgets it: then it is booked anew
    t.ok("dedupe", "--forget", "shop:" + made[1]["number"], "acme")
    t.ok("sync", "--order", made[1]["number"], "acme")
    expect.same_books(t.books.dump(), made, sent_once=False)
    t.ok("dedupe")


def case_other_amount(t):
    made = booked(t)
    d = doc(t, made[3])
    t.books.delete(d["id"])
    seed(t, d, "12.10")
    same(findings(t), [(made[3]["number"], "other amount in the books",
                        False)], "findings")
    findings(t, "--repair")
    same(findings(t), [(made[3]["number"], "other amount in the shop",
                        False)], "findings")


def case_other_vat(t):
    """The same total under another VAT code."""
    made = orders(3, kinds=["plain"])
    t.make(made)
    t.ok("sync")
    d = doc(t, made[1])
    t.books.delete(d["id"])
    t.books.control(invoices=[{
        "contact_id": d["contact_id"], "reference": d["reference"],
        "invoice_date": d["invoice_date"], "prices_are_incl_tax": True,
        "details_attributes": [{"description": "x", "tax_rate_id": CODES["NL 0"],
                                "price": d["total_price_incl_tax"]}],
        "final": 1}])
    want = [(made[1]["number"], "other VAT in the books", False)]
    same(findings(t), want, "findings")
    same(findings(t, "--repair"), want, "a person's, not ours")


def case_totals(t):
    """What shop, record and books come to, by VAT."""
    made = booked(t, 6)
    rows = {(r["source"], r["vat"]): r for r in
            t.run("dedupe", "--totals", "--json").must(0).json()}
    total = sum(D(o["total"]) for o in made)
    whole = rows.pop(("shop", "all"))
    for side in ("shop", "record", "books"):
        same((whole[side + "_count"], D(whole[side + "_incl"])), (6, total),
             side)
    same(D(whole["shop_excl"]), total - sum(D(o["total_tax"]) for o in made),
         "without VAT")
    holds(rows, "no VAT codes")
    for key, row in rows.items():
        same(row["record_count"], None, "the record's VAT")
        same(row["shop_count"], row["books_count"], str(key))
        same(row["shop_excl"], row["books_excl"], str(key))
        same(row["shop_incl"], row["books_incl"], str(key))
    same(sum(D(r["shop_incl"]) for r in rows.values()), total, "by VAT")
    t.books.delete(doc(t, made[0])["id"])
    rows = t.run("dedupe", "--totals", "--json").must(1).json()
    all_ = [r for r in rows if r["vat"] == "all"][0]
    same((all_["shop_count"], all_["record_count"], all_["books_count"]),
         (6, 6, 5), "one is gone from the books")


def case_forgotten_and_booked_again(t):
    """What is forgotten is looked up first: nothing twice."""
    made = booked(t)
    for order in made:
        t.ok("dedupe", "--forget", "shop:" + order["number"], "acme")
    for order in made:
        r = t.run("sync", "--order", order["number"], "acme").must(0)
        holds("S506" in r.err or not r.err, repr(r))
    expect.same_books(t.books.dump(), made)
    t.ok("dedupe")


def case_by_hand(t):
    """What people book themselves is not ours to judge; what bears our
    source's name and no sale is."""
    made = booked(t)
    d = doc(t, made[0])
    for reference, n in (("Inkoop 7", 0), ("webshop-1", 0), (None, 0),
                         ("shop-9999", 1)):
        seed(t, dict(d, reference=reference), "12.10")
        code = t.run("dedupe").code
        same(code, n, "exit after " + str(reference))
    same(findings(t), [("shop-9999", "booked, not in the shop", False)],
         "findings")


def case_not_booked(t):
    made = booked(t)
    more = plain(5)[4]
    t.shop.control(put=more)
    same(findings(t), [(more["number"], "not booked", False)], "findings")
    t.ok("sync")
    t.ok("dedupe")
    expect.same_books(t.books.dump(), made + [more])


def case_show(t):
    made = booked(t, 2)
    rows = t.run("dedupe", "--json", "--show", "shop:" + made[0]["number"],
                 "acme").must(0).json()
    same([(r["kind"], r["state"], r["incl"]) for r in rows],
         [("order", "booked", made[0]["total"])], "the row")
    same(t.run("dedupe", "--json", "--show", "shop:77", "acme").must(0)
         .json(), [], "of a sale that is not there")
    has(t.run("dedupe", "--show", "web:1", "acme").must(78).err, "S605")


def case_remote_down(t):
    """Half of a comparison finds nothing."""
    booked(t)
    t.books.fault("refuse", match="GET", times=0, status=500, body={})
    r = t.run("dedupe", "--json").must(69)
    same(r.json(), [], "findings")
    t.books.control(faults=[])
    t.shop.control(fault="garbage", times=0)
    r = t.run("dedupe", "--json", "--repair").must(69)
    same(r.json(), [], "findings")


def case_many(t):
    """More documents than a page of the books holds."""
    made = plain(120)
    t.make(made)
    t.ok("sync")
    t.ok("dedupe")
    for order in made[::10]:
        t.ok("dedupe", "--forget", "shop:" + order["number"], "acme")
    same(len(findings(t)), 12, "findings")
    findings(t, "--repair")
    t.ok("dedupe")
