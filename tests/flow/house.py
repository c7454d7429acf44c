"""A house to test in: salesync in a folder of its own, with a shop and books
of the test's making, and what a run left behind.

A case is a function case_NAME(t) of a *_flow.py file; t is a House.  It does
things and holds what came of them against what should be (same, holds).
"""
import datetime
import http.client
import json
import os
import re
import select
import shutil
import signal
import ssl
import sys
import time

import fake_moneybird
import fake_woo
import shop_data

CODES = {"NL 21": "496000000000000021", "NL 9": "496000000000000009",
         "NL 0": "496000000000000100", "BE 21": "496000000000000121",
         "BE 6": "496000000000000106", "DE 19": "496000000000000119",
         "DE 7": "496000000000000107", "export": "496000000000000102",
         "reverse_charge": "496000000000000101"}
LEDGER = "49600000000000"
ACCOUNTS = {"sales": LEDGER + "8000", "shipping": LEDGER + "8001",
            "discount": LEDGER + "8002", "fee": LEDGER + "8003",
            "rounding": LEDGER + "8004", "giftcard": LEDGER + "8005",
            "payments": {"mollie_wc_gateway_ideal": LEDGER + "1100",
                         "default": LEDGER + "1101"}}
# Two weeks ago, so that a compared month holds it.
DAY0 = datetime.date.today() - datetime.timedelta(days=14)
SLOW = 1		# more than 1 with sanitizers or under valgrind


class Wrong(Exception):
    """Something is not as it should be."""


class Skip(Exception):
    """It can't be looked at here."""


def holds(true, what):
    if not true:
        raise Wrong(what)


def same(got, want, what):
    if got != want:
        raise Wrong("%s\n    got  %r\n    want %r" % (what, got, want))


def has(text, part, what="the text"):
    if part not in text:
        raise Wrong("%s lacks %r\n    %s" % (what, part, text.strip()))


def orders(n, seed=1, kinds=None):
    """Orders of a shop; of these kinds alone, when given."""
    start = DAY0.isoformat() + "T08:00:00"
    if kinds is None:
        return shop_data.make(n, seed, start)
    shop = shop_data.Shop(seed, start)
    made = []
    for i in range(n):
        made.append(shop.order(kinds[i % len(kinds)]))
        shop.at += datetime.timedelta(minutes=7)
    return made


def plain(n, seed=1):
    """Orders without refunds."""
    return orders(n, seed, ["plain"])


class Fake:
    """A server in a process of its own, ended by its id."""

    def __init__(self, module, *args):
        self.name = module.__name__
        out, into = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.dup2(into, 1)
            os.close(out)
            sys.stdout = os.fdopen(1, "w")
            sys.argv = [self.name] + list(args)
            try:
                module.main()
            finally:
                os._exit(1)
        os.close(into)
        with os.fdopen(out) as f:
            self.port = int(f.readline().split()[0])
        self.url = "https://127.0.0.1:%d" % self.port

    def ask(self, method, path, what=None, headers=None):
        c = http.client.HTTPSConnection(
            "127.0.0.1", self.port, timeout=30,
            context=ssl._create_unverified_context())
        c.request(method, path, None if what is None else json.dumps(what),
                  headers or {})
        r = c.getresponse()
        body = r.read()
        c.close()
        holds(r.status in (200, 204), "%s answered %d %s" % (
            self.name, r.status, body[:300]))
        return json.loads(body) if body else None

    def control(self, **what):
        return self.ask("POST", "/__control", what)

    def dump(self):
        return self.ask("GET", "/__dump")

    def delete(self, ident):
        """The books' alone: somebody deletes a document."""
        self.ask("DELETE", "/api/v2/123456789/sales_invoices/%s.json" % ident,
                 None, {"Authorization": "Bearer token"})

    def finish(self, ident):
        """The books' alone: somebody makes a draft final."""
        self.ask("PATCH", "/api/v2/123456789/sales_invoices/%s/"
                 "send_invoice.json" % ident,
                 {"sales_invoice_sending": {"delivery_method": "Manual"}},
                 {"Authorization": "Bearer token"})

    def fault(self, kind, **more):
        """The books' alone: one fault."""
        self.control(faults=[dict(more, kind=kind)])

    def end(self):
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        self.pid = 0


class Result:
    def __init__(self, code, out, err, rss_k, seconds):
        self.code, self.out, self.err = code, out, err
        self.rss_k, self.seconds = rss_k, seconds

    def json(self):
        return json.loads(self.out)

    def __repr__(self):
        return "exit %d\n    out %r\n    err %r" % (self.code, self.out,
                                                    self.err)


def unlittered():
    """What a run that was killed under faketime left is in the way of the
    next one of the same number: this process."""
    for name in ("faketime_shm_%d", "sem.faketime_sem_%d"):
        path = "/dev/shm/" + name % os.getpid()
        if os.path.exists(path):
            os.unlink(path)


class Run:
    """salesync under way."""

    def __init__(self, argv, folder, given, env, detach):
        self.folder, self.argv = folder, argv
        self.began = time.monotonic()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                if detach:
                    os.setsid()
                unlittered()
                for fd, name, how in (
                        (0, given, os.O_RDONLY),
                        (1, folder + "/out", os.O_WRONLY | os.O_CREAT),
                        (2, folder + "/err", os.O_WRONLY | os.O_CREAT)):
                    os.dup2(os.open(name, how, 0o600), fd)
                os.execve(argv[0], argv, env)
            finally:
                os._exit(127)

    def end(self, timeout=30):
        """Wait for it; its code is -N after signal N."""
        timeout *= SLOW
        fd = os.pidfd_open(self.pid)
        if not select.select([fd], [], [], timeout)[0]:
            os.kill(self.pid, signal.SIGKILL)
            raise Wrong("%s took longer than %d s" % (self.argv, timeout))
        os.close(fd)
        _, status, usage = os.wait4(self.pid, 0)
        texts = []
        for name in ("out", "err"):
            with open(self.folder + "/" + name, encoding="utf-8",
                      errors="surrogateescape") as f:
                texts.append(f.read())
        with open(self.folder + ".log", "w", encoding="ascii") as f:
            f.writelines(c + "\n" for c in re.findall(r"\[S\d{3}\]",
                                                      texts[1]))
        shutil.rmtree(self.folder)
        holds(not os.WCOREDUMP(status), "it left a core file")
        return Result(os.waitstatus_to_exitcode(status), *texts,
                      usage.ru_maxrss // SLOW,
                      time.monotonic() - self.began)

    def kill(self, number=signal.SIGKILL):
        os.kill(self.pid, number)


class House:
    def __init__(self, binary, folder, certs):
        self.binary, self.dir, self.certs = binary, folder, certs
        self.fakes, self.tenants, self.runs = [], {}, 0
        self.shop = self.books = None
        self.conf = {}
        self.env = {"PATH": "/usr/bin:/bin", "HOME": folder}

    def path(self, *parts):
        return os.path.join(self.dir, *parts)

    def write(self, name, text):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w", encoding="utf-8") as f:
            f.write(text)
        return self.path(name)

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as f:
            return f.read()

    # --- who is there ---

    def fake_shop(self, made, *args, cert="cert"):
        self.runs += 1
        data = self.write("shop%d.json" % self.runs, json.dumps(made))
        fake = Fake(fake_woo, "--data", data, "--cert", self.cert(cert),
                    "--key", self.cert(cert.replace("cert", "key")), *args)
        self.fakes.append(fake)
        return fake

    def fake_books(self, *args):
        fake = Fake(fake_moneybird, "--cert", self.cert("cert"), "--key",
                    self.cert("key"), *args)
        self.fakes.append(fake)
        return fake

    def cert(self, name):
        return os.path.join(self.certs, name + ".pem")

    def end(self):
        for fake in self.fakes:
            fake.end()

    # --- the house ---

    def init(self, **more):
        self.ok("init")
        shutil.rmtree(self.path("example"))
        os.unlink(self.path("tenants.d/example.yaml"))
        self.conf = dict({
            "store": "store", "logs": "logs",
            "master_key": "file:master.key", "timezone": "Europe/Amsterdam",
            "parallel": 4, "tenants": "tenants.d/*.yaml"}, **more)
        self.configure()

    def configure(self):
        """Write the files anew, from conf and tenants."""
        self.write("sync.yaml", json.dumps(self.conf, indent=1))
        for name, tenant in self.tenants.items():
            self.write("tenants.d/%s.yaml" % name,
                       json.dumps(tenant, indent=1))

    def connection(self, connector, url, **more):
        return dict({"connector": connector, "url": url, "rate": 100000,
                     "timeout": "3s", "ca_file": self.cert("ca")}, **more)

    def tenant(self, name="acme", shop=None, books=None, source="shop",
               administration="123456789", **rules):
        """One more tenant, with its secrets stored."""
        shop, books = shop or self.shop, books or self.books
        t = {"tenant": name, "contract": {"start": "2024-01-01"},
             "customer": {"name": "Acme B.V.", "country": "NL"},
             "sources": {source: self.connection("woocommerce", shop.url)},
             "books": self.connection("moneybird", books.url + "/api/v2",
                                      administration=administration),
             "rules": dict({"settle": "2s", "vat": dict(CODES), "accounts":
                            json.loads(json.dumps(ACCOUNTS))}, **rules)}
        self.tenants[name] = t
        self.configure()
        self.rotate(name, source, "consumer_key=ck_test\n"
                    "consumer_secret=cs_test\n", "--unproven")
        self.rotate(name, "books", "token=token\n", "--unproven")
        return t

    def make(self, made, **rules):
        """The usual: one tenant with one shop."""
        self.shop, self.books = self.fake_shop(made), self.fake_books()
        self.init()
        return self.tenant(**rules)

    def rotate(self, tenant, connection, lines, *args):
        return self.run("rotate-credentials", *args, tenant, connection,
                        given=lines).must(0)

    # --- running it ---

    def start(self, *args, given=None, stdin="/dev/null", prefix=(), env=None,
              detach=False):
        self.runs += 1
        folder = self.path("run%d" % self.runs)
        os.mkdir(folder)
        name = stdin
        if given is not None:
            name = folder + "/in"
            with open(name, "wb") as f:
                f.write(given if isinstance(given, bytes) else
                        given.encode("utf-8", "surrogateescape"))
        argv = list(prefix) + [self.binary, "-c", self.path("sync.yaml")]
        return Run(argv + list(args), folder, name,
                   self.env if env is None else env, detach)

    def run(self, *args, timeout=30, **how):
        r = self.start(*args, **how).end(timeout)
        r.must = lambda code, what="": self.must(r, args, code, what)
        return r

    def moved(self, clock):
        """The prefix of a run on a moved clock ("+3h"); a build that the
        mover stops, as one with sanitizers, has nothing to run here."""
        prefix = ("/usr/bin/faketime", "-f", clock)
        if SLOW > 1:
            probe = self.start("version", prefix=("/usr/bin/timeout", "-s",
                               "KILL", "9", *prefix)).end()
            if probe.code != 0:
                raise Skip("no clock can be moved in this build")
        return prefix

    def later(self, clock, *args, **how):
        return self.run(*args, prefix=self.moved(clock), **how)

    def must(self, r, args, code, what):
        if r.code != code:
            raise Wrong("%s %s: %r, want exit %d" % (what, " ".join(args), r,
                                                     code))
        return r

    def ok(self, *args, **how):
        """It ends well, and says nothing."""
        r = self.run(*args, **how).must(0)
        same((r.out, r.err), ("", ""), "the silence of " + " ".join(args))
        return r

    def freed(self, *args):
        """Once the processes of a run that was killed are gone."""
        r = self.freed_with(0, *args)
        same((r.out, r.err), ("", ""), "the silence of " + " ".join(args))
        return r

    def freed_with(self, code, *args):
        """The same, to another end."""
        def free():
            r = self.run(*args)
            last[:] = [r]
            return r.code != 75 or "S105" not in r.err
        last = []
        until(free, "free")
        return last[0].must(code)

    def shell(self, script, timeout=30):
        """sh with $S for salesync -c FILE."""
        self.runs += 1
        folder = self.path("run%d" % self.runs)
        os.mkdir(folder)
        env = dict(self.env, S="%s -c %s" % (self.binary,
                                             self.path("sync.yaml")))
        return Run(["/bin/sh", "-c", script], folder, "/dev/null", env,
                   False).end(timeout)

    # --- what came of it ---

    def cursors(self):
        """What status says of the last booking; changes with the cursor."""
        rows = self.run("status", "--json").must(0).json()
        return {r["tenant"] + "/" + r["source"]: r["last_booked_at"]
                for r in rows}

    def errors(self, *tenants):
        """{order number: code}"""
        rows = self.run("errors", "--json", *tenants).must(0).json()
        return {r["number"]: r["code"] for r in rows}

    def error_rows(self, *tenants):
        return self.run("errors", "--json", *tenants).must(0).json()

    def seen(self):
        """How many requests the shop had."""
        return self.shop.dump()["requests"]

    def everywhere(self, *folders):
        """All bytes below these folders, by name."""
        out = {}
        for folder in folders:
            for at, _, names in os.walk(self.path(folder)):
                for name in names:
                    with open(os.path.join(at, name), "rb") as f:
                        out[os.path.join(at, name)] = f.read()
        return out


def until(true, what, timeout=20):
    """Wait for something to be so."""
    end = time.monotonic() + timeout * SLOW
    while not true():
        holds(time.monotonic() < end, "in %d s: never %s" % (timeout, what))
        time.sleep(0.01)
