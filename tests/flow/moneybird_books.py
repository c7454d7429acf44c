"""The books of the Moneybird stand-in: what fake_moneybird.py serves.

VAT is computed over the sum of each rate, half up.  What the vendor would
ignore (an unknown field) is refused here, so that a test sees it.
"""
import datetime
import json
import re
import threading
import time
import urllib.parse
from decimal import Decimal, InvalidOperation, ROUND_HALF_UP

from moneybird_codes import (CONTACT_FIELDS, DETAIL_FIELDS, INVOICE_FIELDS,
                             LEDGERS, PAYMENT_FIELDS, SEARCHED, TAX_RATES,
                             Refusal, administrations, filters, ledgers, now,
                             period, tax_rates)

CENT = Decimal("0.01")
STAMP = "%Y-%m-%dT%H:%M:%S.000Z"
USER = "496000000000000001"

def number(text):
    """Their decimals: 129.95, 300.0."""
    s = str(Decimal(text).quantize(CENT, ROUND_HALF_UP))
    return s[:-1] if s.endswith("0") else s


def half_up(value):
    return value.quantize(CENT, ROUND_HALF_UP)


def symbolic(status, error, **names):
    return Refusal(status, {"error": error, "symbolic": names})


def invalid(**fields):
    fields = {k.replace("__", "."): v for k, v in fields.items()}
    return Refusal(422, {
        "error": {k: [v] for k, v in fields.items()},
        "details": {k: [{"error": v}] for k, v in fields.items()}})


def known(given, names):
    """The vendor ignores what it does not know; a test should not."""
    for key in given:
        if key not in names:
            raise symbolic(422, "%s is unknown" % key, **{key: "unknown"})


class Books:
    def __init__(self, admin, token):
        self.admin, self.token = admin, token
        self.admins = [admin]                   # all are these books
        self.accepts = lambda bearer: False     # other tokens
        self.lock = threading.RLock()
        self.reset()

    def reset(self):
        self.contacts, self.invoices = {}, {}
        self.next_id, self.next_number = 496081347565061258, 0
        self.lag_s, self.add_to_total = 0, Decimal(0)
        self.contact_lag_s, self.made_at = 0, {}
        self.limit, self.limit_reset_s, self.plan_limit = None, 60, False
        self.oops = False
        self.posts = {}             # reference: creations carried out

    def new_id(self):
        self.next_id += 1048577
        return str(self.next_id)

    # ---- contacts ----

    def contact_add(self, given, archived=False):
        known(given, CONTACT_FIELDS)
        c = {f: given.get(f) for f in CONTACT_FIELDS}
        if not any((c[f] or "").strip()
                   for f in ("company_name", "firstname", "lastname")):
            raise invalid(firstname="is required", lastname="is required",
                          company_name="is required")
        for mail in (c["send_invoices_to_email"] or "").split(","):
            if mail and not re.fullmatch(r"\s*[^\s@]+@[^\s@]+\s*", mail):
                raise invalid(send_invoices_to_email="%s is invalid" % mail)
        if c["tax_number"] and not re.fullmatch(r"[A-Z]{2}[0-9A-Z]{4,13}",
                                                c["tax_number"]):
            raise invalid(tax_number="%s is invalid" % c["tax_number"])
        if c["country"] and not re.fullmatch("[A-Z]{2}", c["country"]):
            raise invalid(country="is not included in the list")
        if c["delivery_method"] not in (None, "Email", "Manual", "Peppol",
                                        "Post", "Simplerinvoicing"):
            raise invalid(delivery_method="is not included in the list")
        if c["customer_id"] in [o["customer_id"]
                                for o in self.contacts.values()]:
            raise invalid(customer_id="has already been taken")
        return self.contact_make(c, archived)

    def contact_make(self, given, archived):
        at = now().strftime(STAMP)
        c = {k: v or "" for k, v in given.items()}
        c.update({
            "id": self.new_id(), "administration_id": self.admin,
            "country": c["country"] or "NL",
            "customer_id": c["customer_id"] or str(len(self.contacts) + 1),
            "delivery_method": c["delivery_method"] or "Email",
            "is_trusted": False, "max_transfer_amount": None,
            "attention": c["send_invoices_to_attention"],
            "email": c["send_invoices_to_email"], "email_ubl": True,
            "direct_debit": False, "sepa_active": False, "sepa_iban": "",
            "sepa_iban_account_name": "", "sepa_bic": "",
            "sepa_mandate_id": "", "sepa_mandate_date": None,
            "sepa_sequence_type": "RCUR", "credit_card_number": "",
            "credit_card_reference": "", "credit_card_type": None,
            "tax_number_validated_at": None, "tax_number_valid": None,
            "invoice_workflow_id": None, "estimate_workflow_id": None,
            "si_identifier": "", "si_identifier_type": None,
            "moneybird_payments_mandate": False, "created_at": at,
            "updated_at": at, "version": int(time.time()),
            "sales_invoices_url":
                "https://moneybird.com/%s/sales_invoices/%s/all"
                % (self.admin, "0" * 64),
            "notes": [], "custom_fields": [], "contact_people": [],
            "archived": archived})
        self.contacts[c["id"]] = c
        self.made_at[c["id"]] = time.monotonic()
        return c

    def contact_list(self, query):
        word = query.get("query", "").lower()
        hidden = query.get("include_archived", "false") != "true"
        seen = time.monotonic() - self.contact_lag_s
        return [c for c in reversed(list(self.contacts.values()))
                if not (hidden and c["archived"]) and
                (self.contact_lag_s == 0 or self.made_at[c["id"]] <= seen) and
                any(word in str(c[f] or "").lower() for f in SEARCHED)]

    # ---- invoices ----

    def details(self, given):
        given = list(given.values()) if isinstance(given, dict) else given
        rates = {t[0]: t for t in TAX_RATES}
        accounts = {a[0]: a for a in LEDGERS}
        for order, g in enumerate(given or []):
            known(g, DETAIL_FIELDS)
            rate = rates.get(str(g.get("tax_rate_id", TAX_RATES[0][0])))
            ledger = accounts.get(str(g.get("ledger_account_id",
                                            LEDGERS[0][0])))
            if rate is None or rate[3] != "sales_invoice" or not rate[4]:
                raise invalid(details__tax_rate_id="is not found")
            if ledger is None or "sales_invoice" not in ledger[3] or \
                    not ledger[4]:
                raise invalid(details__ledger_account_id="is not found")
            try:
                price = Decimal(str(g["price"]).replace(",", "."))
                amount = Decimal(str(g.get("amount", "1")))
            except (KeyError, InvalidOperation):
                raise invalid(details__price="is not a number")
            if not str(g.get("description", "")):
                raise invalid(details__description="can't be blank")
            yield order, g, rate, ledger, half_up(price), amount

    def invoice_add(self, given, age_s=0):
        known(given, INVOICE_FIELDS)
        if self.plan_limit:
            raise symbolic(402, "creating sales invoices is limited",
                           administration="limit_reached")
        contact = self.contacts.get(str(given.get("contact_id")))
        if contact is None:
            raise symbolic(404, "Contact ID is invalid",
                           sales_invoice={"contact_id": "contact_invalid"})
        if not re.fullmatch("[A-Z]{3}", given.get("currency", "EUR")):
            raise invalid(currency="is not included in the list")
        date = given.get("invoice_date")
        try:
            due = datetime.date.fromisoformat(date) if date else now().date()
        except ValueError:
            raise invalid(invoice_date="is not a valid date")
        made = now() - datetime.timedelta(seconds=age_s)
        lines = list(self.details(given.get("details_attributes")))
        incl = given.get("prices_are_incl_tax", False) in (True, "true")
        inv = self.invoice_make(given, contact, made, incl)
        inv["due_date"] = str(due + datetime.timedelta(days=14))
        self.invoice_lines(inv, lines, incl)
        self.invoices[inv["id"]] = inv
        ref = inv["reference"]
        self.posts[ref] = self.posts.get(ref, 0) + 1
        return inv

    def invoice_make(self, given, contact, made, incl):
        at = made.strftime(STAMP)
        simple = {k: v for k, v in contact.items() if k != "events"}
        return {
            "id": self.new_id(), "administration_id": self.admin,
            "contact_id": contact["id"], "contact": simple,
            "contact_person_id": None, "contact_person": None,
            "invoice_id": None, "recurring_sales_invoice_id": None,
            "subscription_id": None,
            "workflow_id": str(given.get("workflow_id", "496000000000000031")),
            "document_style_id": str(given.get("document_style_id",
                                               "496000000000000032")),
            "identity_id": "496000000000000033",
            "draft_id": len(self.invoices) + 1, "state": "draft",
            "invoice_date": given.get("invoice_date"), "due_date": None,
            "payment_conditions": "Binnen 14 dagen.",
            "payment_reference": None, "short_payment_reference": None,
            "reference": given.get("reference"), "language": "nl",
            "currency": given.get("currency", "EUR"), "discount": "0.0",
            "original_sales_invoice_id": None, "paused": False,
            "paid_at": None, "sent_at": None, "created_at": at,
            "updated_at": at, "public_view_code": None,
            "public_view_code_expires_at": None,
            "version": int(made.timestamp()), "details": [], "payments": [],
            "prices_are_incl_tax": incl, "total_discount": "0.0",
            "marked_dubious_on": None, "marked_uncollectible_on": None,
            "reminder_count": 0, "next_reminder": None,
            "original_estimate_id": None,
            "url": "https://moneybird.com/%s/external/x" % self.admin,
            "payment_url": "https://moneybird.com/%s/external/x" % self.admin,
            "custom_fields": [], "notes": [], "attachments": [],
            "events": [self.event("sales_invoice_created", at)],
            "tax_totals": [], "time_entries": []}

    def event(self, action, at):
        return {"administration_id": self.admin, "user_id": USER,
                "action": action, "link_entity_id": None,
                "link_entity_type": None, "data": {}, "created_at": at,
                "updated_at": at}

    def invoice_lines(self, inv, lines, incl):
        sums = {}
        for order, g, rate, ledger, price, amount in lines:
            total = half_up(price * amount)
            percent = Decimal(rate[2] or "0")
            base = half_up(total / (1 + percent / 100)) if incl else total
            sums.setdefault((rate[0], percent), []).append(total)
            inv["details"].append({
                "id": self.new_id(), "administration_id": self.admin,
                "tax_rate_id": rate[0], "ledger_account_id": ledger[0],
                "project_id": None, "product_id": None,
                "amount": str(g["amount"]) if "amount" in g else None,
                "amount_decimal": str(Decimal(amount) * Decimal("1.0")),
                "description": g["description"], "price": number(price),
                "period": None, "row_order": order,
                "total_price_excl_tax_with_discount": number(base),
                "total_price_excl_tax_with_discount_base": number(base),
                "tax_report_reference": ["NL/1a"],
                "mandatory_tax_text": None, "created_at": inv["created_at"],
                "updated_at": inv["updated_at"]})
        self.invoice_totals(inv, sums, incl)

    def invoice_totals(self, inv, sums, incl):
        """VAT over the sum of each rate, half up."""
        net = gross = Decimal(0)
        for (rate, percent), totals in sums.items():
            total = sum(totals)
            if incl:
                tax = half_up(total * percent / (100 + percent))
                base = total - tax
            else:
                tax, base = half_up(total * percent / 100), total
            net, gross = net + base, gross + base + tax
            inv["tax_totals"].append({
                "tax_rate_id": rate, "taxable_amount": number(base),
                "taxable_amount_base": number(base),
                "tax_amount": number(tax), "tax_amount_base": number(tax)})
        gross += self.add_to_total
        for name, value in (("total_price_excl_tax", net),
                            ("total_price_incl_tax", gross),
                            ("total_unpaid", gross)):
            inv[name] = inv[name + "_base"] = number(value)
        inv["total_paid"] = "0.0"

    def invoice_get(self, ident):
        if ident not in self.invoices:
            raise symbolic(404, "record not found", id="not_found")
        return self.invoices[ident]

    def invoice_send(self, ident, body):
        inv = self.invoice_get(ident)
        given = body.get("sales_invoice_sending", {})
        known(given, ["delivery_method"])
        method = given.get("delivery_method",
                           inv["contact"]["delivery_method"])
        if method not in ("Email", "Manual", "Peppol"):
            raise invalid(delivery_method="is not included in the list")
        if not inv["details"]:
            raise symbolic(400, "details cannot be empty",
                           sales_invoice="details_cannot_be_empty")
        if method == "Email" and not inv["contact"]["email"]:
            raise invalid(email_address="can't be blank")
        if inv["state"] == "draft":
            self.next_number += 1
            inv["invoice_date"] = inv["invoice_date"] or str(now().date())
            inv["invoice_id"] = "%s-%04d" % (inv["invoice_date"][:4],
                                             self.next_number)
            inv["draft_id"] = None
            inv["sent_at"] = str(now().date())
            inv["state"] = "late" if inv["due_date"] < str(now().date()) \
                else "open"
        inv["events"].append(self.event("sales_invoice_send_" +
                                        method.lower(), inv["created_at"]))
        return inv

    def payment_add(self, ident, body):
        if ident not in self.invoices:
            raise symbolic(404, "record not found", invoice_id="not_found")
        inv, given = self.invoices[ident], body.get("payment", {})
        known(given, PAYMENT_FIELDS)
        try:
            datetime.date.fromisoformat(given["payment_date"][:10])
            price = Decimal(str(given["price"]).replace(",", "."))
        except (KeyError, ValueError, InvalidOperation):
            raise invalid(payment_date="is not a valid date",
                          price="is not a number")
        ledger = given.get("ledger_account_id")
        if given.get("manual_payment_action") == "balance_settlement" and \
                str(ledger) not in [a[0] for a in LEDGERS if a[4]]:
            raise invalid(ledger_account_id="is not found")
        if inv["state"] == "draft":
            raise symbolic(400, "Invoice should be open", invoice="not_open")
        if inv["currency"] != "EUR" and "price_base" not in given:
            raise invalid(price_base="can't be blank")
        p = self.payment_make(inv, given, price, ledger)
        inv["payments"].append(p)
        paid = sum(Decimal(q["price"]) for q in inv["payments"])
        rest = Decimal(inv["total_price_incl_tax"]) - paid
        inv["total_paid"] = number(paid)
        inv["total_unpaid"] = inv["total_unpaid_base"] = number(rest)
        if rest == 0:
            inv["state"], inv["paid_at"] = "paid", p["payment_date"]
        return p

    def payment_make(self, inv, given, price, ledger):
        at = now().strftime(STAMP)
        return {
            "id": self.new_id(), "administration_id": self.admin,
            "invoice_type": "SalesInvoice", "invoice_id": inv["id"],
            "financial_account_id": None, "user_id": USER,
            "payment_transaction_id": None, "transaction_identifier": None,
            "price": number(price),
            "price_base": number(given.get("price_base", price)),
            "payment_date": given["payment_date"][:10],
            "credit_invoice_id": None, "financial_mutation_id": None,
            "ledger_account_id": ledger, "linked_payment_id": None,
            "manual_payment_action": given.get("manual_payment_action"),
            "created_at": at, "updated_at": at}

    # ---- finding ----

    def visible(self):
        """Newest first; the search lags behind."""
        limit = (now() - datetime.timedelta(seconds=self.lag_s))
        return [i for i in reversed(list(self.invoices.values()))
                if self.lag_s == 0 or
                i["created_at"] <= limit.strftime(STAMP)]

    def find_by_reference(self, reference):
        for i in self.visible():
            # A dot ends a segment of the route.
            if i["reference"] == reference and "." not in reference:
                return i
        raise symbolic(404, "Sales invoice with reference: %s was not found"
                       % reference, reference="not_found")

    def invoice_list(self, query):
        terms = filters(query)
        first, last = period(terms.get("period", "this_year"))
        states = terms.get("state", "all").split("|")
        refs = terms["reference"].split("|") if "reference" in terms else None
        today = now().strftime("%Y%m%d")
        return [i for i in self.visible()
                if first <= (i["invoice_date"] or today).replace("-", "")
                <= last and (states == ["all"] or i["state"] in states) and
                (refs is None or i["reference"] in refs)]

    # ---- requests ----

    def handle(self, method, target, headers, body):
        """status, headers, body of the answer to one request."""
        with self.lock:
            if self.limit is not None:
                if self.limit <= 0:
                    at = str(int(time.time()) + self.limit_reset_s)
                    return 429, {"Retry-After": at, "RateLimit-Limit": "150",
                                 "RateLimit-Remaining": "0",
                                 "RateLimit-Reset": at}, b'"Retry later"'
                self.limit -= 1
            try:
                status, out = self.route(method, target, headers, body)
            except Refusal as r:
                status, out = r.status, r.body
            if self.oops:
                for item in out if isinstance(out, list) else [out]:
                    item["oops"] = 1
            return status, {}, b"" if out is None else \
                json.dumps(out, ensure_ascii=False).encode()

    def route(self, method, target, headers, body):
        url = urllib.parse.urlsplit(target)
        query = dict(urllib.parse.parse_qsl(url.query))
        path = [urllib.parse.unquote(p) for p in url.path.split("/")[1:]]
        bearer = headers.get("Authorization") or ""
        if bearer != "Bearer " + self.token and not self.accepts(bearer):
            raise symbolic(401, "The access token is invalid",
                           token="invalid")
        path[-1] = re.sub(r"\.json$", "", path[-1])
        if method == "GET" and path == ["administrations"]:
            return 200, administrations(self.admins)
        if path[0] not in self.admins:
            raise symbolic(404, "record not found", id="not_found")
        if method == "GET":
            return 200, self.read(path[1:], query)
        try:
            given = json.loads(body or b"{}")
        except ValueError:
            raise symbolic(400, "the body can't be parsed", body="invalid")
        return self.change(method, path[1:], given)

    def read(self, path, query):
        if path[:2] == ["sales_invoices", "find_by_reference"]:
            return self.find_by_reference(path[2])
        if path[:2] == ["contacts", "customer_id"]:
            for c in self.contacts.values():
                if c["customer_id"] == path[2]:
                    return c
            raise symbolic(404, "record not found", customer_id="not_found")
        if path[0] == "sales_invoices" and len(path) == 2:
            return self.invoice_get(path[1])
        if path == ["ledger_accounts"]:
            return ledgers(self.admin)
        lists = {"contacts": self.contact_list,
                 "sales_invoices": self.invoice_list,
                 "tax_rates": lambda q: tax_rates(self.admin, q)}
        if len(path) != 1 or path[0] not in lists:
            raise symbolic(404, "record not found", id="not_found")
        per_page, page = query.get("per_page", "50"), query.get("page", "1")
        for name, value in (("per_page", per_page), ("page", page)):
            if not re.fullmatch("[1-9][0-9]*", value) or \
                    (name == "per_page" and int(value) > 100):
                raise Refusal(400, {"error": "%s does not have a valid value"
                                             % name})
        start = (int(page) - 1) * int(per_page)
        return lists[path[0]](query)[start:start + int(per_page)]

    def change(self, method, path, given):
        if method == "POST" and path == ["contacts"]:
            if not given.get("contact"):
                raise symbolic(400, "Contact is required", contact="required")
            c = self.contact_add(given["contact"])
            return 201, dict(c, events=[])
        if method == "POST" and path == ["sales_invoices"]:
            return 201, self.invoice_add(given.get("sales_invoice") or {})
        if path[0] == "sales_invoices":
            if method == "PATCH" and path[2:] == ["send_invoice"]:
                return 200, self.invoice_send(path[1], given)
            if method == "POST" and path[2:] == ["payments"]:
                return 201, self.payment_add(path[1], given)
            if method == "DELETE" and len(path) == 2:
                self.invoice_get(path[1])
                del self.invoices[path[1]]
                return 204, None
        raise symbolic(404, "record not found", id="not_found")

    # ---- for tests ----

    def seed(self, wanted):
        for given in wanted.get("contacts", []):
            given = dict(given)
            archived = given.pop("archived", False)
            self.contact_add(given, archived)
        for given in wanted.get("invoices", []):
            given = dict(given)
            age, final = given.pop("created_s_ago", 0), given.pop("final", 0)
            for _ in range(given.pop("copies", 1)):
                if "contact_id" not in given:
                    given["contact_id"] = next(iter(self.contacts))
                inv = self.invoice_add(given, age)
                if final:
                    self.invoice_send(inv["id"], {"sales_invoice_sending":
                                                  {"delivery_method":
                                                   "Manual"}})

    def dump(self):
        references, ledger, vat, paid = {}, {}, {}, {}
        for i in self.invoices.values():
            references[i["reference"]] = references.get(i["reference"], 0) + 1
            for d in i["details"]:
                add(ledger, d["ledger_account_id"],
                    d["total_price_excl_tax_with_discount"])
            for t in i["tax_totals"]:
                add(vat, t["tax_rate_id"], t["tax_amount"])
            for p in i["payments"]:
                add(paid, p["ledger_account_id"], p["price"])
        return {"documents": list(self.invoices.values()),
                "contacts": list(self.contacts.values()),
                "references": references, "posts": self.posts,
                "ledger": ledger, "vat": vat, "paid": paid}


def add(sums, key, value):
    sums[key] = str(Decimal(sums.get(key, "0")) + Decimal(value))
