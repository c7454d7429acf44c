"""Sales of all shapes, each with what its document must say.

Worked out here, from the rules of EN 16931 and not from the program: the VAT
category of each line, the base and the VAT per category and rate, the
rounding, and what is left to pay.
"""
import random
from decimal import ROUND_HALF_UP, Decimal as D

EU = {"BE": ["21", "6"], "DE": ["19", "7"], "FR": ["20", "5.5"]}
VAT_NUMBERS = {"BE": "BE0404616494", "DE": "DE811569869",
               "FR": "FR40303265045", "NL": "NL000099998B57"}
NAMES = ["A. Jansen", "Zo\u00eb \u0141\u00f3\u015b", "\u738b\u5c0f\u660e",
         "O'Neil & Zn. <Ltd>", "\"quo\" ]]> te", "tab\there\nand\u0001\u001f!",
         "\u202eright\u00a0left", "\U0001f9fa & \ufffe\uffff.",
         "<!--x--><a href=\"y\">&amp;", "\u0001"]
TEXTS = ["Mok", "Th\u00e9 & caf\u00e9", "a<b>c", "100% \u201ewol\u201d", "\u0002",
         "x" * 150, ""]
KINDS = {"giftcard": "50", "deposit": "25", "tip": "3.5", "donation": "1",
         "difference": "-0.4"}
NO_TURNOVER = set(KINDS) | {"rounding"}


def cents(x, places=2):
    return x.quantize(D(1).scaleb(-places), ROUND_HALF_UP)


class Maker:
    def __init__(self, tenant, seed):
        self.tenant, self.n, self.made = tenant, 0, []
        self.home = tenant["customer"]["country"]
        self.kvk = tenant["books"].get("kvk")
        self.rnd = random.Random(seed)

    # --- parts of a sale ---

    def line(self, kind, country, rate, how):
        """VAT on top of or out of the price, or in more decimals."""
        r = self.rnd
        incl = cents(D(r.randint(5, 50000)) / 100)
        quantity = r.choice(["1", "1", "2", "3", "7", "0.333", "12.5"])
        if how == "over":
            excl = incl
            vat = cents(excl * D(rate) / 100)
        else:
            places = 2 if how == "in" else 4
            vat = cents(incl * D(rate) / (100 + D(rate)), places)
            excl = incl - vat
        if kind == "discount":
            excl, vat, quantity = -excl / 10, -vat / 10, "1"
            excl, vat = cents(excl), cents(vat)
        return {"kind": kind, "article": r.choice(["", "SKU-%d" % r.randint(
            1, 9), "<&>"]), "description": r.choice(TEXTS),
            "quantity": quantity, "excl": excl, "vat": vat,
            "vat_rate": rate, "vat_country": country}

    def plain(self, kind, amount):
        return {"kind": kind, "description": kind, "quantity": "1",
                "excl": D(amount), "vat": D(0), "vat_rate": "0",
                "vat_country": self.home}

    def lines(self, country, rates, n):
        how = self.rnd.choice(["over", "in", "long"])
        kinds = ["article"] * n + ["shipping", "fee", "discount"]
        out = [self.line(kinds[i % len(kinds)], country,
                         self.rnd.choice(rates), how) for i in range(n)]
        if how == "long":	# a document's total is whole cents
            for rate in set(l["vat_rate"] for l in out):
                mine = [l for l in out if l["vat_rate"] == rate]
                for part in ("excl", "vat"):
                    total = sum(l[part] for l in mine)
                    mine[0][part] += cents(total) - total
        return out

    def debtor(self, country, vat_number=None, guest=False):
        if guest:
            return {"country": country} if self.rnd.random() < .5 else {}
        r = self.rnd
        return {"id": str(self.n), "email": r.choice(
            ["", "k%d@kopers.example" % self.n]), "company": r.choice(
            ["", "", "Bedrijf <%d> & Zn" % self.n]), "name": r.choice(NAMES),
            "address": r.choice(["", "Dorpsstraat 1", "Rue \u00c9t\u00e9 & 2"]),
            "postcode": "1234 AB", "city": r.choice(["", "Utrecht"]),
            "country": country, "vat_number": vat_number or ""}

    # --- what its document must say ---

    def category(self, line, debtor, outside):
        if line["kind"] in NO_TURNOVER and D(line["vat_rate"]) == 0:
            return "O" if outside else "E"
        if D(line["vat_rate"]) > 0:
            return "S"
        to = debtor.get("country") or self.home
        if to == self.home:
            return "Z"
        if to not in EU and to not in VAT_NUMBERS:
            return "G"
        return "K" if debtor.get("vat_number") else "Z"

    def expect(self, sale, paid):
        debtor = sale.get("debtor") or {}
        places = 0 if sale["currency"] == "JPY" else 2
        taxed = [l for l in sale["lines"] if l["kind"] != "rounding"]
        taxed = taxed or sale["lines"]	# a document must have a line
        outside = bool(self.kvk) and all(l["kind"] in NO_TURNOVER and D(
            l["vat_rate"]) == 0 for l in taxed)
        sign = -1 if sale["kind"] == "refund" else 1
        sums = {}
        for l in taxed:
            key = (self.category(l, debtor, outside), D(l["vat_rate"]))
            base, vat = sums.get(key, (D(0), D(0)))
            sums[key] = base + l["excl"], vat + l["vat"]
        sums = {k: (sign * cents(b, places) + 0, sign * cents(v, places) + 0)
                for k, (b, v) in sums.items()}
        incl = sign * sale["incl"]
        rest = incl - sum(b + v for b, v in sums.values())
        return {"taxes": sorted([c, str(r.normalize() + 0), "%.2f" % b,
                                 "%.2f" % v] for (c, r), (b, v) in
                                sums.items()),
                "rounding": "%.2f" % rest, "incl": "%.2f" % incl,
                "due": "%.2f" % (incl - sign * paid),
                "credit": sign < 0}

    def add(self, lines, debtor, paid=None, off="0", refused=False, **more):
        """A sale of these lines; off: cents that no line explains."""
        self.n += 1
        incl = sum(l["excl"] + l["vat"] for l in lines) + D(off)
        sale = dict({
            "type": "sale", "id": str(self.n), "number": "N%d" % self.n,
            "kind": "order", "currency": "EUR",
            "placed": "2026-%02d-%02dT1%d:30:00Z" % (
                self.n % 11 + 1, self.n % 28 + 1, self.n % 9),
            "debtor": debtor, "lines": lines,
            "excl": sum(l["excl"] for l in lines), "incl": incl}, **more)
        paid = incl if paid is None else D(paid)
        if paid != 0:
            sale["payments"] = [{"method": "ideal", "amount": paid}]
        self.made.append((sale, None if refused else
                          self.expect(sale, paid)))
        return sale

    def refund(self, order):
        """All of its lines, or some."""
        lines = [dict(l, excl=-l["excl"], vat=-l["vat"])
                 for l in order["lines"]]
        if self.rnd.random() < .4 and len(lines) > 1 and all(
                l["excl"] == cents(l["excl"]) for l in lines):
            lines = [l for l in lines if l["excl"] < 0][:1] or lines
        off = "0"
        if len(lines) == len(order["lines"]):
            off = -(order["incl"] - sum(l["excl"] + l["vat"]
                                        for l in order["lines"]))
        return self.add(lines, order["debtor"], kind="refund", off=off,
                        refund_of=order["id"], number=order["number"],
                        currency=order["currency"])

    # --- the shapes ---

    def shapes(self, times):
        home = ["21", "9", "0"] if self.home == "NL" else EU[self.home] + ["0"]
        for i in range(times):
            r = self.rnd
            n = r.choice([1, 2, 3, 5, 8])
            sale = self.add(self.lines(self.home, home, n), self.debtor(
                self.home, guest=i % 3 == 0), paid=[None, "0", "0.01"][i % 3],
                off=r.choice(["0", "0", "0.02", "-0.03"]))
            if i % 2:
                self.refund(sale)
            away = r.choice([c for c in EU if c != self.home])
            sale = self.add(self.lines(away, EU[away], n), self.debtor(away))
            if i % 2:
                self.refund(sale)
            sale = self.add(self.lines(self.home, ["0"], n), self.debtor(
                away, VAT_NUMBERS[away]), paid=r.choice([None, "0"]))
            if i % 2:
                self.refund(sale)
            self.add(self.lines(self.home, ["0"], n), self.debtor(
                r.choice(["US", "CH", "GB", "JP"])))
            extra = [self.plain(k, a) for k, a in KINDS.items()
                     if r.random() < .5]
            self.add(self.lines(self.home, home, n) + extra,
                     self.debtor(self.home))
            self.add([self.plain("giftcard", "50")] + extra,
                     self.debtor(self.home, guest=i % 2))
            self.add(self.lines(self.home, home, 2) + [
                self.plain("giftcard", "-1")], self.debtor(self.home))
            self.add(self.lines(self.home, home, 2) + [
                self.plain("rounding", r.choice(["0.02", "-0.02"]))], {},
                kind="receipt")
        self.odd()

    def odd(self):
        """One each."""
        home = "21" if self.home == "NL" else "19"
        one = self.line("article", self.home, home, "over")
        self.add([one], self.debtor(self.home), currency="USD",
                 paid="0")
        self.add([dict(one, excl=D(1000), vat=D(home) * 10)],
                 self.debtor(self.home), currency="JPY")
        self.add([self.plain("article", "-5"), one], {}, kind="receipt")
        # an exchange that gives money back
        self.add([dict(one, excl=D(10), vat=cents(D(home) / 10)),
                  dict(one, excl=D(-30), vat=cents(D(home) * -3 / 10))], {},
                 kind="receipt")
        self.add([self.plain("article", "0")], self.debtor(self.home))
        self.add([self.plain("rounding", "0.04")], {}, kind="receipt")
        if self.tenant["tenant"] == "nl":	# as long as a sale may be
            self.add([dict(one, excl=D(10), vat=D(home) / 10)
                      for _ in range(500)], self.debtor(self.home))
        self.add([dict(one, excl=D("1.234"), vat=D("0.259"))],
                 self.debtor(self.home), currency="KWD", refused=True)
        self.add([dict(one, excl=D(100), vat=D(home) + 1)],
                 self.debtor(self.home), refused=True)
        self.add([self.plain("article", "5")], dict(self.debtor(
            "BE", "BE0123456789"), company="X"), refused=True)
        self.add([one], self.debtor("XQ"), refused=True)
        self.add([one], self.debtor(self.home), currency="ABC", refused=True)
