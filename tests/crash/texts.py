"""What stands in the configuration of the crash suites."""

SYNC = """store: store
logs: logs
master_key: file:master.key
timezone: Europe/Amsterdam
time_limit: 5m
tenants: tenants.d/*.yaml
"""
TENANT = """tenant: {name}
contract: {{start: 2024-01-01{end}}}
customer: {{name: Test B.V., country: NL, email: t@t.example}}
services: [{{name: shop to books, since: 2024-01-01}}]
sources:
{sources}
books:
{books}
rules:
  settle: {settle}
{rules}
"""
WOO = """  {source}:
    connector: woocommerce
    url: https://127.0.0.1:{port}
    ca_file: {ca}
    since: 2025-01-01
    statuses: [processing, completed, refunded]
    timeout: {timeout}
    rate: 100000
"""
MONEYBIRD = """  connector: moneybird
  url: https://127.0.0.1:{port}/api/v2
  ca_file: {ca}
  administration: "{administration}"
  timeout: {timeout}
  rate: 100000
"""
MONEYBIRD_RULES = """  vat:
    {NL 21: "496000000000000021", NL 9: "496000000000000009", NL 0:
    "496000000000000100", DE 19: "496000000000000119",
    BE 21: "496000000000000121", reverse_charge: "496000000000000101",
    export: "496000000000000102"}
  accounts:
    sales: "496000000000008000"
    shipping: "496000000000008001"
    fee: "496000000000008003"
    rounding: "496000000000008004"
    payments: {default: "496000000000001100"}
"""
JOURNAL = "  connector: journal\n  file: books.journal\n"
UBL = """  connector: ubl
  folder: ubl
  name: Acme
  address: Dorpsstraat 1
  postcode: 1234 AB
  city: Utrecht
  vat_number: NL000099998B57
"""
JOURNAL_RULES = """  vat:
    {NL 21: "Liabilities:VAT:NL-21", NL 9: "Liabilities:VAT:NL-9"}
  accounts:
    sales: "Income:Sales"
    rounding: "Expenses:Rounding"
    payments: {default: "Assets:Bank"}
"""
