"""What the Moneybird stand-in has from the start: codes, and field names;
and how it reads a filter."""
import datetime
import re

# id, name, percentage, type, active, country
TAX_RATES = [
    ("496000000000000021", "21% btw", "21.0", "sales_invoice", True, None),
    ("496000000000000009", "9% btw", "9.0", "sales_invoice", True, None),
    ("496000000000000100", "0% btw", "0.0", "sales_invoice", True, None),
    ("496000000000000101", "Btw verlegd", "0.0", "sales_invoice", True, None),
    ("496000000000000102", "Export", "0.0", "sales_invoice", True, None),
    ("496000000000000103", "Geen btw", "0.0", "sales_invoice", True, None),
    ("496000000000000121", "21% BE", "21.0", "sales_invoice", True, "BE"),
    ("496000000000000119", "19% DE", "19.0", "sales_invoice", True, "DE"),
    ("496000000000000107", "7% DE", "7.0", "sales_invoice", True, "DE"),
    ("496000000000000106", "6% BE", "6.0", "sales_invoice", True, "BE"),
    ("496000000000000120", "20% FR", "20.0", "sales_invoice", True, "FR"),
    ("496000000000000006", "6% btw", "6.0", "sales_invoice", False, None),
    ("496000000000000221", "21% btw", "21.0", "purchase_invoice", True, None),
    ("496000000000000209", "9% btw", "9.0", "purchase_invoice", True, None),
]
SALES = ["sales_invoice", "financial_mutation", "general_journal_document"]
MONEY = ["financial_mutation", "general_journal_document"]
BUYING = ["purchase_invoice", "financial_mutation",
          "general_journal_document"]
# id, name, type, allowed documents, active
LEDGERS = [
    ("496000000000008000", "Omzet", "revenue", SALES, True),
    ("496000000000008001", "Verzendkosten", "revenue", SALES, True),
    ("496000000000008002", "Kortingen", "revenue", SALES, True),
    ("496000000000008003", "Toeslagen", "revenue", SALES, True),
    ("496000000000008004", "Afrondingsverschillen", "revenue", SALES, True),
    ("496000000000008005", "Cadeaubonnen", "current_liabilities", SALES,
     True),
    ("496000000000008009", "Omzet oud", "revenue", SALES, False),
    ("496000000000001100", "Mollie", "current_assets", MONEY, True),
    ("496000000000001101", "PayPal", "current_assets", MONEY, True),
    ("496000000000001102", "Kas", "current_assets", MONEY, True),
    ("496000000000004000", "Algemene kosten", "expenses", BUYING, True),
]
CONTACT_FIELDS = """company_name address1 address2 zipcode city country phone
delivery_method customer_id tax_number firstname lastname chamber_of_commerce
bank_account send_invoices_to_attention send_invoices_to_email
send_estimates_to_attention send_estimates_to_email email_ubl""".split()
SEARCHED = """company_name attention firstname lastname address1 address2
zipcode city country email phone customer_id tax_number chamber_of_commerce
bank_account""".split()
INVOICE_FIELDS = """contact_id document_style_id workflow_id reference
invoice_date currency prices_are_incl_tax details_attributes""".split()
DETAIL_FIELDS = "description price amount tax_rate_id ledger_account_id".split()
PAYMENT_FIELDS = """payment_date price manual_payment_action ledger_account_id
transaction_identifier price_base""".split()

AT = "2024-01-01T00:00:00.000Z"


def filters(query):
    """filter=key:value,key:value"""
    return dict(t.split(":", 1) for t in query.get("filter", "").split(",")
                if ":" in t)


def tax_rates(admin, query):
    types = filters(query).get("tax_rate_type", "all").split("|")
    return [{"id": i, "administration_id": admin, "name": name,
             "percentage": percent, "tax_rate_type": kind, "show_tax": True,
             "active": active, "country": country, "created_at": AT,
             "updated_at": AT}
            for i, name, percent, kind, active, country in TAX_RATES
            if types == ["all"] or kind in types]


def ledgers(admin):
    return [{"id": i, "administration_id": admin, "name": name,
             "account_type": kind, "account_id": i[-4:], "parent_id": None,
             "active": active, "created_at": AT, "updated_at": AT,
             "allowed_document_types": allowed,
             "taxonomy_item": {"taxonomy_version": "3.5", "code": "W",
                               "name": name, "name_english": None,
                               "reference": None},
             "financial_account_id": None}
            for i, name, kind, allowed, active in LEDGERS]


def administrations(admins):
    return [{"id": i, "name": name, "language": "nl", "currency": "EUR",
             "country": "NL", "time_zone": "Europe/Amsterdam",
             "access": "user", "suspended": False,
             "period_locked_until": None, "period_start_date": "2024-01-01"}
            for i, name in [("178732006888903010", "Andere B.V.")] +
            [(admin, "Parkietje B.V.") for admin in admins]]


def now():
    return datetime.datetime.now(datetime.timezone.utc)


class Refusal(Exception):
    def __init__(self, status, body):
        Exception.__init__(self, status)
        self.status, self.body = status, body


def period(text):
    """First and last day, YYYYMMDD."""
    year = now().year
    named = {"this_year": ("%d0101" % year, "%d1231" % year),
             "prev_year": ("%d0101" % (year - 1), "%d1231" % (year - 1)),
             "this_month": (now().strftime("%Y%m01"), now().strftime("%Y%m31"))}
    if text in named:
        return named[text]
    m = re.fullmatch(r"(\d{6}|\d{8})\.\.(\d{6}|\d{8})", text)
    if m is None:
        raise Refusal(400, {"error":
                            "Period must have both a start and end date"})
    return m.group(1).ljust(8, "0"), m.group(2).ljust(8, "9")
