"""What a stream must say of WooCommerce's orders, worked out from the shop's
own JSON alone, and the comparison with what it does say: to the cent.
"""
from collections import Counter
from decimal import ROUND_HALF_UP, Decimal as D

from house import holds, same

CENT = D("0.01")


def cents(amount):
    return amount.quantize(CENT, ROUND_HALF_UP)


def rate_of(order, ident, rates):
    """The percentage and country of the order's tax `ident`."""
    for t in order["tax_lines"]:
        if t["rate_id"] == ident:
            known = rates.get(ident)
            percent = t.get("rate_percent")
            if percent is None:
                percent = known["rate"]
            return D(str(percent)), t["rate_code"][:2]
    raise KeyError("tax %s of order %s" % (ident, order["id"]))


def vat_of(order, item, rates):
    """The rate of an item; 0 in the country of delivery when it has none."""
    for t in item["taxes"]:
        if t["total"] not in ("", "0", "0.00"):
            return rate_of(order, t["id"], rates)
    return D(0), order["shipping"].get("country") or \
        order["billing"]["country"]


def line(order, item, rates, kind, title, total="total"):
    percent, country = vat_of(order, item, rates)
    return (kind, item.get("sku") or None, item[title],
            abs(D(item.get("quantity", 1))), D(item[total]),
            D(item[total + "_tax"]), percent, country)


def lines_of(order, part, rates):
    """A set of lines as the stream has them, of an order or a refund."""
    coupons = bool(part.get("coupon_lines"))
    out, off = Counter(), {}
    for item in part["line_items"]:
        made = line(order, item, rates, "article", "name",
                    "subtotal" if coupons else "total")
        out[made] += 1
        if coupons:
            excl, vat = off.get(made[6:], (D(0), D(0)))
            off[made[6:]] = (
                excl + D(item["total"]) - D(item["subtotal"]),
                vat + D(item["total_tax"]) - D(item["subtotal_tax"]))
    for at, (excl, vat) in off.items():
        out[("discount", None, "Discount", D(1), excl, vat) + at] += 1
    for item in part.get("shipping_lines", []):
        out[line(order, item, rates, "shipping", "method_title")] += 1
    for item in part.get("fee_lines", []):
        out[line(order, item, rates, "fee", "name")] += 1
    return out


def vat_sums(order, rates):
    """VAT for each rate and country, as the shop's own tax_lines add up."""
    out = {}
    for t in order["tax_lines"]:
        at = rate_of(order, t["rate_id"], rates)
        out[at] = out.get(at, D(0)) + D(t["tax_total"]) + \
            D(t["shipping_tax_total"])
    return out


def debtor_of(order):
    b = order["billing"]
    words = {"name": (b["first_name"], b["last_name"]),
             "address": (b["address_1"], b["address_2"])}
    out = {k: " ".join(w for w in v if w) or None for k, v in words.items()}
    for key in ("email", "company", "postcode", "city", "country"):
        out[key] = b[key] or None
    out["id"] = str(order["customer_id"]) if order["customer_id"] else None
    out["vat_number"] = None
    return out


# --- what the stream says ---

def said_lines(sale):
    return Counter((x["kind"], x.get("article"), x["description"],
                    D(x["quantity"]), D(x["excl"]), D(x["vat"]),
                    D(x["vat_rate"]), x["vat_country"])
                   for x in sale["lines"])


def said_vat(sale):
    out = {}
    for x in sale["lines"]:
        at = D(x["vat_rate"]), x["vat_country"]
        out[at] = out.get(at, D(0)) + D(x["vat"])
    return {k: v for k, v in out.items() if v}


def same_sums(sale, incl, excl):
    what = "%s %s" % (sale["kind"], sale["id"])
    same((D(sale["incl"]), D(sale["excl"])), (incl, excl),
         "the totals of " + what)
    same(sum(D(x["excl"]) for x in sale["lines"]), excl,
         "the lines' sum without VAT of " + what)
    same(sum(D(x["vat"]) for x in sale["lines"]), incl - excl,
         "the lines' sum of VAT of " + what)


def same_lines(sale, want, vat, what):
    """Each line; a cent of VAT may move between them in a shop that rounds
    later, whose own lines do not add up."""
    got = said_lines(sale)
    if sum(x[5] * n for x, n in want.items()) == vat:
        same(got, want, "the lines of " + what)
        return
    pairs = list(zip(sorted(got.elements(), key=str),
                     sorted(want.elements(), key=str)))
    same([g[:5] + g[6:] for g, _ in pairs], [w[:5] + w[6:] for _, w in pairs],
         "the lines of " + what)
    same(sum(got.values()), sum(want.values()), "the number of lines")
    for g, w in pairs:
        holds(abs(g[5] - w[5]) <= CENT, "the VAT of a line of " + what)


def same_head(sale, want, order):
    for key, value in want.items():
        same(sale.get(key), value, "%s of %s %s" % (key, want["kind"],
                                                    want["id"]))
    same({k: sale["debtor"].get(k) for k in debtor_of(order)},
         debtor_of(order), "the debtor of " + want["id"])
    same([sale.get(k) for k in ("status", "channel", "paid", "shipped")],
         [order["status"], order.get("created_via") or None] +
         [order.get(k) and order[k] + "Z" for k in
          ("date_paid_gmt", "date_completed_gmt")], "the state of " +
         want["id"])
    paid = [{"method": order["payment_method"], "amount": sale["incl"]}]
    same(sale["payments"], paid if order["date_paid_gmt"] else [],
         "the payments of " + want["id"])


def same_order(sale, order, rates):
    same_head(sale, {
        "type": "sale", "kind": "order", "id": str(order["id"]),
        "number": order["number"], "refund_of": None, "currency":
        order["currency"], "placed": order["date_created_gmt"] + "Z"}, order)
    incl = D(order["total"])
    same_sums(sale, incl, incl - D(order["total_tax"]))
    same_lines(sale, lines_of(order, order, rates), D(order["total_tax"]),
               "order %s" % order["id"])
    same(said_vat(sale), vat_sums(order, rates),
         "the VAT of order %s" % order["id"])


def same_refund(sale, refund, order, rates):
    same_head(sale, {
        "type": "sale", "kind": "refund", "id": str(refund["id"]),
        "number": order["number"], "refund_of": str(order["id"]),
        "currency": order["currency"],
        "placed": refund["date_created_gmt"] + "Z"}, order)
    incl = -D(refund["amount"])
    if refund["line_items"]:
        same(said_lines(sale), lines_of(order, refund, rates),
             "the lines of refund %s" % refund["id"])
        same_sums(sale, incl, sum(D(i["total"])
                                  for i in refund["line_items"]))
        return
    # An amount alone: the order's VAT, in proportion.
    part = incl / D(order["total"])
    vat = {at: cents(v * part) for at, v in vat_sums(order, rates).items()}
    same(said_vat(sale), {k: v for k, v in vat.items() if v},
         "the VAT of refund %s" % refund["id"])
    same_sums(sale, incl, incl - sum(vat.values()))


def expected(plan, names):
    """[(name, comparison)] of "order 727", "refund 724", ..."""
    rates = {r["id"]: r for r in plan["rates"]}
    orders = {str(o["id"]): o for o in plan["orders"]}
    refunds = {str(r["id"]): (r, orders[of])
               for of, rows in plan["refunds"].items() for r in rows}
    out = []
    for name in names:
        kind, ident = name.split(" ")
        if kind == "order":
            out.append(lambda s, o=orders[ident]: same_order(s, o, rates))
        elif kind == "refund":
            out.append(lambda s, r=refunds[ident]: same_refund(s, *r, rates))
        else:	# "S218 16": it can't be read
            out.append(lambda s, k=kind, i=ident: same(
                (s["type"], s["code"], s["id"]), ("refused", k, i),
                "what is said of " + i))
    return out


def same_stream(lines, plan, names, cursor):
    """A whole stream: these sales, the cursor behind them, and its end."""
    sales = [x for x in lines if x["type"] in ("sale", "refused")]
    same([x["id"] for x in sales], [n.split(" ")[1] for n in names],
         "the sales of the stream")
    for sale, check in zip(sales, expected(plan, names)):
        same((sale["tenant"], sale["source"]), ("acme", "shop"), "whose")
        check(sale)
    rest = [{"type": "end", "tenant": "acme", "sales": len(names)}]
    if cursor:
        # The shop's own newest date; one-off runs have no cursor.
        newest = max(o["date_modified_gmt"] for o in plan["orders"]) + "Z"
        rest.insert(0, {"type": "cursor", "tenant": "acme",
                        "source": "shop", "value": newest})
    same(lines[len(sales):], rest, "what stands behind the sales")
    holds(lines[:len(sales)] == sales, "the sales stand first")
