"""A word of its own in every field of every order, every answer and every
secret; and all that must not hold it, searched after each command.

What only `errors`, `subject` and `pull` may print is left out of their
standard output alone.
"""
import base64
import os
import re
import signal

import folder_flow
import ubl_flow
from house import has, holds, orders, same, until
from secret_flow import below

MARK, DIGITS = "KQ7ZVX", "831974"
PRINTS = ("errors", "subject", "pull")
FAST = "+0 x10"	# the clock, for the settle windows
# Members that must stay as they are for the sale to be read at all; refused()
# puts canaries into some of these as well.
KEEP = re.compile("^(status|currency|number|date_.*|total.*|subtotal.*|amount|"
                  "tax_class|tax_status|rate_.*|label|country|key|discount.*|"
                  "version|payment_method|created_via|_what)$")


class Canaries:
    def __init__(self):
        self.n = 0

    def new(self, form="%s"):
        self.n += 1
        return form % ("%s%04x" % (MARK, self.n))

    def salt(self, value, name=""):
        """The value with a canary in each text that is free."""
        if isinstance(value, dict):
            return {k: self.salt(v, k) for k, v in value.items()}
        if isinstance(value, list):
            return [self.salt(v, name) for v in value]
        if not isinstance(value, str) or KEEP.match(name):
            return value
        if name == "email":
            return self.new("%s@kopers.example")
        if "B01" in value or value.startswith("FR"):
            self.n += 1
            return "NL%s%03dB01" % (DIGITS, self.n)
        return self.new()


def patterns():
    """All forms in which the marks could stand somewhere."""
    out = [DIGITS.encode()]
    for word in (MARK, MARK.lower(), MARK[::-1]):
        raw = word.encode()
        out += [raw, raw.hex().encode(), word.encode("utf-16-le")]
    for skip in range(3):
        whole = base64.b64encode(b"\0" * skip + MARK.encode())
        out.append(whole[(skip * 8 + 5) // 6:(skip + len(MARK)) * 8 // 6])
    return re.compile(b"|".join(re.escape(p) for p in out), re.I)


FOUND = patterns()


def clean(what, text):
    m = FOUND.search(text)
    holds(m is None, "%s holds a canary: %r" % (
        what, m and text[max(0, m.start() - 60):m.end() + 20]))


def on_disk(t):
    """Whatever was written in the house, but by the test itself."""
    for name, text in t.everywhere(".").items():
        inside = os.path.relpath(name, t.dir)
        if not re.match(r"(shop\d|run\d|sales/|ubl/|books\.journal)", inside):
            clean(inside, text)
            clean("a file's name", os.fsencode(inside))
    key = t.read("master.key").strip()
    for name, text in t.everywhere("store", "logs").items():
        holds(key.encode() not in text and bytes.fromhex(key) not in text,
              "the master key stands in " + name)


def run(t, *args, codes=(0, 1), **how):
    r = t.run("-v", *args, **how)
    holds(r.code in codes, "%s: %r" % (args, r))
    clean("standard error of " + args[0], r.err.encode())
    if args[0] not in PRINTS and "--filter" not in args:
        clean("standard output of " + args[0], r.out.encode())
    on_disk(t)
    return r


def house(t, made, c):
    """A shop and books with secrets that are canaries, too."""
    key, secret, token = c.new("ck_%s"), c.new("cs_%s"), c.new()
    t.env["TMPDIR"] = t.path("tmp")
    os.mkdir(t.path("tmp"))
    t.shop = t.fake_shop(made, "--consumer-key", key, "--consumer-secret",
                         secret)
    t.books = t.fake_books("--token", token)
    t.init()
    acme = t.tenant()
    acme["books"]["timeout"] = "10s"
    acme["rules"]["settle"] = "1s"
    del acme["rules"]["accounts"]["payments"]["default"]
    t.configure()
    run(t, "rotate-credentials", "acme", "shop", given="consumer_key=%s\n"
        "consumer_secret=%s\n" % (key, secret))
    run(t, "rotate-credentials", "acme", "books", given="token=%s\n" % token)
    return token


def salted(n, c):
    """Orders of all kinds, one in four of which has a means of payment that
    no rule names."""
    made = [c.salt(o) for o in orders(n, seed=3)]
    for i, order in enumerate(made):
        order["payment_method"] = c.new("%s pin") if i % 4 == 3 else \
            "mollie_wc_gateway_ideal"
        order["customer_note"] = c.new()
    return made


def refused(made, c):
    """Break the last ones, each in its own way."""
    def item(o, **more):
        o["line_items"][0].update(more)
    breaks = [lambda o: o.update(total="99999.99"),
              lambda o: o.update(total=c.new()),
              lambda o: o.update(currency=c.new()),
              lambda o: o.update(date_created_gmt=c.new()),
              lambda o: item(o, quantity=c.new()),
              lambda o: item(o, sku=c.new() * 30),
              lambda o: item(o, total=c.new()),
              lambda o: o["billing"].update(email=c.new() * 40),
              lambda o: o["billing"].update(postcode=c.new() * 40),
              lambda o: o["tax_lines"][0].update(rate_percent=c.new(),
                                                 label=c.new())]
    for order, spoil in zip(made[-len(breaks):], breaks):
        order["payment_method"] = "mollie_wc_gateway_ideal"
        spoil(order)


def answers(c):
    """What books say when they refuse, and how answers get lost."""
    word = c.new
    bodies = [{"error": {"email": [word()], word(): [word()]}},
              {"error": word("%s is no customer"), "symbolic":
               {word(): word()}},
              {"error": {"details": [{word(): word()}]}, "code": word(),
               word(): [word()]}]
    out = [{"kind": "refuse", "n": 4 * i + 2, "status": status, "body": body}
           for i, (status, body) in enumerate(zip((422, 400, 422), bodies))]
    out[0].update(match="^POST .*contacts", n=1)
    out += [{"kind": "refuse", "n": 15, "status": 500, "body":
             {"error": word()}},
            {"kind": "garbage", "n": 19}, {"kind": "lose", "n": 23},
            {"kind": "status", "n": 27, "status": 503, "body":
             {word(): word()}}]
    return out


# As much of a core file as may be had.
CORES = ("/bin/sh", "-c", 'ulimit -c "$(ulimit -Hc)"; exec "$@"', "sh")


def processes(t):
    """What others see of the processes, and what a crash leaves."""
    def faults():
        return sum(bool(r["fault"]) for r in t.books.dump()["requests"])
    before = faults()
    t.books.control(faults=[{"kind": "hang", "n": 2, "seconds": 5}])
    child = t.start("-v", "sync", "--retry", detach=True, prefix=CORES)
    until(lambda: faults() > before, "the request")
    ids = [child.pid] + below(child.pid)
    holds(len(ids) > 1, "no processes")
    for pid in ids:
        for name in ("cmdline", "environ"):
            with open("/proc/%d/%s" % (pid, name), "rb") as f:
                clean("its " + name, f.read())
    on_disk(t)
    # It ends with a core too, and no sanitizer takes it for a fault.
    os.killpg(child.pid, signal.SIGABRT)
    clean("standard error", child.end().err.encode())
    on_disk(t)
    t.books.control(faults=[])
    until(lambda: t.run("status").code == 0, "status")


def settled(t, *args):
    for _ in range(6):
        if run(t, "sync", *args, codes=(0, 1, 69, 75),
               prefix=t.moved(FAST)).code in (0, 1):
            return
    holds(False, "it does not settle")


def case_all(t):
    c = Canaries()
    made = salted(36, c)
    refused(made, c)
    token = house(t, made, c)
    t.books.control(faults=answers(c))
    settled(t)
    codes = {r["code"] for r in t.error_rows()}
    holds(codes >= {"S203", "S204", "S205", "S207", "S216", "S220"}, codes)
    said = run(t, "errors").out
    holds(len(FOUND.findall(said.encode())) > 5, "errors tells nothing")
    processes(t)
    settled(t, "--retry")
    for args in (("dedupe",), ("dedupe", "--repair"), ("check",),
                 ("status",), ("explain",), ("purge",),
                 ("rotate-credentials", "--master-key"),
                 ("sync", "--order", "1003", "acme"), ("errors", "--json")):
        run(t, *args)
    email = made[0]["billing"]["email"]
    has(run(t, "subject", "--access", "-", given=email + "\n").out, email)
    run(t, "subject", "--erase", "-", given=email + "\n")
    same(run(t, "subject", "--access", "-", "--json",
             given=email + "\n").json(), [], "the erased debtor")
    wrong(t, c, token)


case_all.seconds = 9


def wrong(t, c, token):
    """Credentials that are refused, and a shop that answers with anything."""
    run(t, "rotate-credentials", "acme", "books", codes=(77,),
        given="token=%s\n" % c.new())
    run(t, "rotate-credentials", "--unproven", "acme", "books",
        given="token=%s\n" % c.new())
    run(t, "check", codes=(77,))
    run(t, "rotate-credentials", "acme", "books", given="token=%s\n" % token)
    for fault in ({"fault": "status", "status": 400}, {"fault": "status",
                  "status": 500}, {"fault": "status", "status": 401},
                  {"fault": "raw", "body": '{"%s": "%s"' % (c.new(), c.new())},
                  {"fault": "raw", "body": '[{"id": "%s"}]' % c.new()},
                  {"fault": "raw", "status": 302, "body": c.new(),
                   "headers": {"Location": "https://%s/" % c.new()}}):
        if fault["fault"] == "status":
            fault.update(code=c.new(), message=c.new())
        t.shop.control(**dict(fault, times=0))
        run(t, "sync", codes=(1, 69, 75, 77), prefix=t.moved(FAST))
        t.shop.control(fault=None)


def case_files(t):
    """Files that hold anything, and a stream that does."""
    c = Canaries()
    os.mkdir(t.path("sales"))
    t.init()
    t.tenants["tea"] = {
        "tenant": "tea", "contract": {"start": "2024-01-01"},
        "customer": {"name": "Tea", "country": "NL"},
        "sources": {"till": {"connector": "folder", "path": "sales"}},
        "books": {"connector": "journal", "file": "books.journal"},
        "rules": {"settle": "1s", "vat": {"NL 21": "L:V"}, "accounts":
                  {"sales": "I:S", "payments": {"cash": "A:C"}}}}
    t.configure()
    head = "id,kind,placed,currency,payment,description,incl,vat_rate"
    row = "%s,receipt,2026-01-03 10:02:11,EUR,%s,%s,%s,%s"
    for i, text in enumerate((
            "%s,%s,%s\n%s\n" % tuple(c.new() for _ in range(4)),
            head + "," + c.new() + "\n",
            "\n".join([head, row % ("1", c.new("%s pin"), c.new(), "1", "21"),
                       row % ("2", "cash", c.new(), c.new(), "21"),
                       row % ("3", "cash", c.new(), "1", c.new()),
                       row % ("4", "cash", '"' + c.new(), "1", "21"),
                       c.new()]) + "\n")):
        t.write("sales/a%d.csv" % i, text)
    t.write("sales/b.jsonl", '{"%s\n{"type": "%s"}\n{"id": "5", "kind": "%s"}'
            '\n{"id": "6", "kind": "receipt", "placed": "%s"}\n'
            '{"id": "7", "kind": "order", "placed": "2026-01-03", "currency":'
            ' "EUR", "excl": "1", "incl": "1", "debtor": {"name": "%s", '
            '"email": "%s"}, "lines": '
            '[{"kind": "article", "quantity": "%s"}]}\n' % tuple(
                c.new() for _ in range(7)))
    run(t, "sync")
    holds(len(t.error_rows()) > 5, t.error_rows())
    run(t, "sync", "--retry")
    line = '{"type":"sale","tenant":"tea","source":"till","id":"9",' \
        '"kind":"order","number":"9","placed":"%s","debtor":{"name":"%s"}}\n'
    for text in (c.new() + "\n", '{"type":"%s"}\n' % c.new(),
                 '{"type":"sale","tenant":"%s"}\n' % c.new(),
                 '{"type":"sale","tenant":"tea","source":"%s","id":"1",'
                 '"kind":"order"}\n' % c.new(), line % (c.new(), c.new())):
        run(t, "push", given=text, codes=(65, 78))
        run(t, "dedupe", "--filter", given=text, codes=(0, 65, 78))


def case_ubl(t):
    """Books that are files of debtors and what they bought: there alone."""
    c = Canaries()
    ubl_flow.house(t)
    for n in range(1, 5):
        sale = ubl_flow.order(n, **{k: c.new() for k in (
            "id", "name", "company", "address", "postcode", "city")})
        sale["debtor"].update(email=c.new("%s@kopers.example"),
                              vat_number=c.new())
        for member in ("article", "description"):
            sale["lines"][0][member] = c.new()
        if n == 2:
            sale["currency"] = "ABC"
        folder_flow.put(t, "a.jsonl", sale)
    t.write("ubl/till-3.xml", "<Invoice><%s>" % c.new())
    run(t, "check")
    run(t, "sync")
    same(t.errors(), {"2": "S419", "3": "S421"}, "errors")
    run(t, "sync", "--retry")
    run(t, "dedupe")
    for name in ("till-1.xml", "till-4.xml"):
        holds(FOUND.search(t.read("ubl/" + name).encode()), name)
