"""What the crash suites stand on: a shop, books, a store, and runs of the
shipped binary that end before their time.

The shop and the books are tests/flow's, in threads of this process, so that a
test can look into them, set them back, and know that nothing is on its way.
"""
import copy
import glob
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import types

sys.dont_write_bytecode = True      # leave no litter in the source tree
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests", "flow"))

import fake_moneybird                           # noqa: E402
import fake_woo                                 # noqa: E402
import shop_data                                # noqa: E402
import tls                                      # noqa: E402
from texts import (JOURNAL, JOURNAL_RULES, MONEYBIRD,   # noqa: E402
                   MONEYBIRD_RULES, SYNC, TENANT, UBL, WOO)

CHANGING = re.compile("^(POST|PATCH|PUT|DELETE) ")
START = "2025-11-03T08:00:00"       # sales of a day that is past everywhere
KINDS = ("plain", "company", "refund_part", "customer")
LATE = 20                           # so much faster go the clocks of reruns


class Stop(Exception):
    """A test can't be carried out at all."""


def binary():
    """The program under test, and the tracer that is built with it."""
    build = os.path.abspath(os.environ.get("O", os.path.join(ROOT, "build")))
    return os.environ.get("SALESYNC", os.path.join(build, "salesync"))


def killat():
    """Build the tracer where the program stands."""
    out = os.path.join(os.path.dirname(binary()), "killat")
    source = os.path.join(HERE, "killat.c")
    if not os.path.exists(out) or \
            os.path.getmtime(out) < os.path.getmtime(source):
        subprocess.run([os.environ.get("CC", "cc"), "-std=c17",
                        "-D_GNU_SOURCE", "-O2", "-Wall", "-Wextra", "-o",
                        out + ".new", source], check=True)
        os.rename(out + ".new", out)
    return out


def fast_clock(rate=LATE):
    """An environment in which waiting takes a fraction of its time."""
    found = glob.glob("/usr/lib/*/faketime/libfaketime.so.1")
    if not found:
        return {}
    return {"LD_PRELOAD": found[0], "FAKETIME": "+0 x%d" % rate,
            "FAKETIME_FLSHM": "1"}


def memory_dir():
    """A folder that goes with us, in memory where there is some."""
    where = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    if where is not None and shutil.disk_usage(where).free < 256 << 20:
        where = None
    return tempfile.mkdtemp(prefix="salesync-crash-", dir=where)


def served(server):
    thread = threading.Thread(target=server.serve_forever, args=(0.05,),
                              daemon=True)
    thread.start()
    return server


class Counted:
    """A server that knows how many connections are open."""

    count_lock = threading.Lock()
    open = taken = 0

    def process_request(self, request, address):
        with self.count_lock:
            self.open += 1
            self.taken += 1
        super().process_request(request, address)

    def process_request_thread(self, request, address):
        try:
            super().process_request_thread(request, address)
        finally:
            with self.count_lock:
                self.open -= 1

    def idle(self, timeout=20.0):
        """Wait until all that was sent to us has been dealt with."""
        before = self.taken
        with socket.create_connection(self.server_address):
            pass                # behind all that waits to be accepted
        until = time.monotonic() + timeout
        while self.taken == before or self.open > 0:
            if time.monotonic() > until:
                raise Stop("a request does not come to its end")
            time.sleep(0.001)


class World(fake_moneybird.World):
    """The books, and a hook that sees each change before it is made.

    What the hook returns is called after it was made."""

    hook = None

    def answer(self, method, target, headers, body):
        line, after = method + " " + target, None
        if self.hook is not None and CHANGING.match(line):
            after = self.hook(line)
        out = super().answer(method, target, headers, body)
        if after is not None:
            after()
        return out

    def forget(self):
        super().forget()
        self.hook = None


class BooksServer(Counted, fake_moneybird.Server):
    pass


class ShopServer(Counted, fake_woo.Server):
    pass


class Ground:
    """One sync.yaml with its store, a shop and books."""

    def __init__(self, top, name="ground", settle="1s", timeout="60s"):
        self.dir = os.path.join(top, name)
        self.settle, self.timeout = settle, timeout
        os.makedirs(os.path.join(self.dir, "tenants.d"), mode=0o700)
        os.makedirs(os.path.join(self.dir, "logs"), mode=0o700)
        os.makedirs(os.path.join(self.dir, "store"), mode=0o700)
        self.ca, cert, key = tls.make(os.path.join(top, "tls"))
        self.serve(cert, key)
        self.write("sync.yaml", SYNC)
        self.write("master.key", "0123456789abcdef" * 4 + "\n", 0o400)
        self.binary = binary()
        self.golden, self.kept_books = None, {}

    def serve(self, cert, key):
        context = tls.server_context(cert, key)
        options = types.SimpleNamespace(
            admin="123456789", token="token", base="/api/v2", log=None,
            consumer_key="ck_test", consumer_secret="cs_test", data=None)
        self.world = World(options)
        self.books = self.world.books
        self.books_server = served(BooksServer(0, fake_moneybird.Front,
                                               self.world, context))
        self.shop_server = ShopServer(("127.0.0.1", 0), fake_woo.Handler)
        self.shop = self.shop_server.shop = fake_woo.Shop(options)
        self.shop_server.base, self.shop_server.tls = "", context
        served(self.shop_server)

    def close(self):
        for server in (self.books_server, self.shop_server):
            server.shutdown()
            server.server_close()

    # ---- files ----

    def path(self, *names):
        return os.path.join(self.dir, *names)

    def write(self, name, text, mode=0o600):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        os.chmod(path, mode)

    def online(self, name="t", end="", administration="123456789",
               source="shop"):
        """A tenant from this shop to these books."""
        woo = WOO.format(source=source, port=self.shop_server.server_port,
                         ca=self.ca, timeout=self.timeout)
        books = MONEYBIRD.format(port=self.books_server.server_port,
                                 ca=self.ca, timeout=self.timeout,
                                 administration=administration)
        self.write("tenants.d/%s.yaml" % name, TENANT.format(
            name=name, end=end, sources=woo, books=books,
            settle=self.settle, rules=MONEYBIRD_RULES))
        self.must("rotate-credentials", "--unproven", name, source,
                  input="consumer_key=ck_test\nconsumer_secret=cs_test\n")
        self.must("rotate-credentials", "--unproven", name, "books",
                  input="token=token\n")

    def local(self, name="j", books=JOURNAL):
        """A tenant from a folder to files."""
        os.makedirs(self.path("sales"), exist_ok=True)
        self.write("tenants.d/%s.yaml" % name, TENANT.format(
            name=name, end="", settle=self.settle, rules=JOURNAL_RULES,
            sources="  till:\n    connector: folder\n    path: sales\n",
            books=books))

    def rule(self, text, name="t"):
        """One more rule of a tenant's."""
        with open(self.path("tenants.d/%s.yaml" % name), "a",
                  encoding="utf-8") as f:
            f.write("  %s\n" % text)

    def keep(self, *names):
        """Remember these files and folders as they are now."""
        shutil.rmtree(self.path(".kept"), ignore_errors=True)
        self.kept = names
        for name in names:
            self.duplicate(self.path(name), self.path(".kept", name))

    def back(self):
        """Put them back."""
        for name in self.kept:
            self.remove(self.path(name))
            self.duplicate(self.path(".kept", name), self.path(name))

    def duplicate(self, source, target):
        os.makedirs(os.path.dirname(target), exist_ok=True)
        if os.path.isdir(source):
            shutil.copytree(source, target)
        elif os.path.exists(source):
            shutil.copy2(source, target)

    def remove(self, path):
        if os.path.isdir(path):
            shutil.rmtree(path)
        elif os.path.lexists(path):
            os.unlink(path)

    # ---- shop and books ----

    def stock(self, kinds=KINDS, seed=7):
        """Put one order of each kind in the shop."""
        made = shop_data.Shop(seed, START)
        with self.shop.lock:
            self.shop.clean()
            for kind in kinds:
                order = made.order(kind)
                if order["status"] not in ("refunded", "pending"):
                    order["status"] = "processing"
                self.shop.orders[order["id"]] = order
                made.at += shop_data.datetime.timedelta(minutes=7)

    def more_stock(self):
        """All orders but the first changed just now; and one more, of a
        debtor who is known already."""
        now = shop_data.datetime.datetime.utcnow().replace(microsecond=0)
        with self.shop.lock:
            first = self.shop.orders[min(self.shop.orders)]
            again = json.loads(json.dumps(first))
            again.update(id=2001, number="2001")
            again["billing"]["email"] = first["billing"]["email"].upper()
            self.shop.orders[2001] = again
            for order in self.shop.orders.values():
                if order is not first:
                    self.shop.modified(order, now)

    def keep_books(self):
        """Remember the books as they are now."""
        with self.books.lock:
            self.kept_books = copy.deepcopy(
                {n: getattr(self.books, n) for n in
                 ("contacts", "invoices", "posts", "next_id",
                  "next_number")})

    def books_back(self):
        """Put them back; without any, empty them."""
        with self.books.lock:
            self.books.reset()
            for name, value in copy.deepcopy(self.kept_books).items():
                setattr(self.books, name, value)
            self.world.forget()

    def idle(self):
        self.books_server.idle()
        self.shop_server.idle()

    def seen(self):
        """What a bookkeeper finds: each document, without its ids."""
        out = []
        with self.books.lock:
            dump = self.books.dump()
        for d in dump["documents"]:
            out.append({
                "reference": d["reference"], "state": d["state"],
                "excl": d["total_price_excl_tax"],
                "incl": d["total_price_incl_tax"],
                "paid": d["total_paid"], "email": d["contact"]["email"],
                "lines": [(i["price"], i["tax_rate_id"],
                           i["ledger_account_id"], i["description"])
                          for i in d["details"]],
                "payments": [(p["price"], p["ledger_account_id"])
                             for p in d["payments"]]})
        return sorted(out, key=lambda d: d["reference"]), dump

    def contacts(self):
        with self.books.lock:
            return sorted((c["email"] or c["company_name"]).casefold()
                          for c in self.books.contacts.values())

    def faults(self):
        """How the books differ from what they should be."""
        documents, dump = self.seen()
        contacts, out = self.contacts(), []
        for reference, n in dump["references"].items():
            if n > 1:
                out.append("%s booked %d times" % (reference, n))
        for c in sorted(set(contacts)):
            if contacts.count(c) > 1:
                out.append("%d contacts for one debtor" % contacts.count(c))
        if self.golden is None or out:
            return out
        is_there = {d["reference"]: d for d in documents}
        for d in self.golden[0]:
            if d["reference"] not in is_there:
                out.append("%s is lost" % d["reference"])
            elif is_there[d["reference"]] != d:
                out.append("%s differs: %s" % (
                    d["reference"], differs(d, is_there[d["reference"]])))
        if len(documents) > len(self.golden[0]):
            out.append("more documents than sales")
        if contacts != self.golden[1] and not out:
            out.append("other contacts")
        return out

    def gild(self):
        """The books as they are now are right."""
        if self.faults():
            raise Stop("a clean run is wrong: %s" % self.faults())
        self.golden = self.seen()[0], self.contacts()

    # ---- runs ----

    def command(self, *words, config="sync.yaml"):
        return [self.binary, "-c", self.path(config), *words]

    def environment(self, more=None):
        return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"),
                "TZ": "UTC", **(more or {})}

    def run(self, *words, before=(), input="", clock=None,
            config="sync.yaml"):
        """One run, to its end: its code, what it said, and what it wrote."""
        done = subprocess.run(
            [*before, *self.command(*words, config=config)],
            input=input.encode(),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120,
            env=self.environment(clock))
        self.said = done.stderr.decode("utf-8", "replace")
        self.wrote = done.stdout.decode("utf-8", "replace")
        return done.returncode

    def must(self, *words, **more):
        code = self.run(*words, **more)
        if code != 0:
            raise Stop("%s ends with %d: %s" % (" ".join(words), code,
                                                self.said))

    def json_of(self, *words, **more):
        self.must(*words, **more)
        return json.loads(self.wrote)

    def pipe(self, tenant, before_pull=(), before_push=(), clock=None):
        """pull | push: the code of push."""
        env = self.environment(clock)
        pull = subprocess.Popen(
            [*before_pull, *self.command("pull", tenant)], env=env,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        push = subprocess.Popen(
            [*before_push, *self.command("push", tenant)], env=env,
            stdin=pull.stdout, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE)
        pull.stdout.close()
        try:
            self.said = push.communicate(timeout=120)[1].decode() + \
                pull.communicate(timeout=120)[1].decode()
        finally:
            for p in (pull, push):
                if p.poll() is None:
                    p.kill()
        return push.returncode

    def begin(self, *words, clock=None):
        """A run under way, in a process group of its own."""
        return subprocess.Popen(
            self.command(*words), env=self.environment(clock),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, start_new_session=True)

    def end(self, process):
        """Wait for it; its code."""
        self.said = process.communicate(timeout=120)[1].decode()
        return process.returncode

    def quiet(self, tenant="t"):
        """One more run finds nothing to do, to ask, or to wait for."""
        self.world.forget()
        code = self.run("sync", tenant)
        if code != 0 or self.said or self.world.requests:
            return ["the run after it: %d, %d requests, %s" % (
                code, len(self.world.requests), self.said)]
        return []

    def again(self, run, most=5):
        """Run until it is done: 75 means that there is more to wait for; and
        on a busy machine a clock of 20 times the speed runs into time-outs."""
        for _ in range(most):
            code = run()
            late = code == 69 and "Timeout was reached" in self.said
            if code != 75 and not late:
                break
        return code


def differs(a, b):
    return ", ".join("%s %s instead of %s" % (k, b[k], a[k])
                     for k in a if a[k] != b[k])


def traced(path):
    """What killat wrote: {role: (calls, first)}, and the kill or None."""
    roles, killed = {}, None
    with open(path, encoding="ascii") as f:
        for line in f:
            word = line.split()
            if word[0] == "killed":
                killed = tuple(int(w) for w in word[1:])
            else:
                roles[int(word[0])] = int(word[1]), int(word[2])
    return roles, killed


def kill_group(process):
    """SIGKILL for a process group of ours."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


class Report:
    """Counts what passed, says what failed."""

    def __init__(self, name):
        self.name, self.passed, self.failed = name, 0, 0
        self.began = time.monotonic()

    def take(self, what, wrong):
        if not wrong:
            self.passed += 1
            return
        self.failed += 1
        print("FAIL " + what)
        for w in wrong:
            print("     " + w.rstrip().replace("\n", "\n     "))
        sys.stdout.flush()

    def end(self):
        """The exit code."""
        print("%s: %d s" % (self.name, time.monotonic() - self.began))
        print("%d passed, %d failed" % (self.passed, self.failed))
        return 1 if self.failed or self.passed == 0 else 0


def sale_line(i, kind="receipt", **over):
    """A line of a till's file: one article at 21 %."""
    sign = -1 if kind == "refund" else 1
    sale = {"id": str(100 + i), "number": str(100 + i), "kind": kind,
            "placed": "2025-11-03T10:%02d:00Z" % i, "currency": "EUR",
            "lines": [{"kind": "article", "article": "MUG", "description":
                       "Mug", "quantity": str(sign), "excl": "%d.00" %
                       (sign * 10), "vat": "%d.10" % (sign * 2), "vat_rate":
                       "21", "vat_country": "NL"}],
            "payments": [{"method": "pin", "amount": "%d.10" % (sign * 12)}],
            "excl": "%d.00" % (sign * 10), "incl": "%d.10" % (sign * 12)}
    sale.update(over)
    return json.dumps(sale) + "\n"
