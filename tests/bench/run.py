#!/usr/bin/python3
"""run.py [--build FOLDER] [--only WORD] [--orders N] [--large N] [--tenants N] [--store] [--quick]

What salesync takes, against a bare program that makes the same requests, in
one run on one machine: a table of ratios, their bounds, and ok or over.
FOLDER holds the built salesync and bench/.  Exits 1 when a bound is passed.
"""
import argparse
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "flow"))
import tls  # noqa: E402

OPERATOR = """store: store
logs: logs
master_key: file:master.key
timezone: Europe/Amsterdam
parallel: %d
tenants: %s
"""
TENANT = """tenant: %(name)s
contract: {start: 2026-01-01}
customer: {name: Bench, country: NL}
sources:
  shop:
    connector: woocommerce
    url: https://127.0.0.1:%(port)d/%(orders)d
    ca_file: tls/ca.pem
    overlap: 1s
books:
  connector: moneybird
  url: https://127.0.0.1:%(port)d/api/v2
  ca_file: tls/ca.pem
  administration: "%(admin)s"
  finalize: %(final)s
rules:
  debtors: %(debtors)s
  vat: {NL 21: "496000000000000021", NL 9: "496000000000000009",
    NL 0: "496000000000000100"}
  accounts: {sales: "8000", shipping: "8001", discount: "8002", fee: "8003",
    rounding: "8004", payments: {default: "1200"}}
"""
SECRETS = {"shop": "consumer_key=ck_1\nconsumer_secret=cs_1\n",
           "books": "token=t\n"}


class Usage:
    def __init__(self, text):
        user, system, self.clock, kb = text.split()
        self.clock, self.mib = float(self.clock), int(kb) / 1024
        self.cpu = float(user) + float(system)


class House:
    """A server, and a store with tenants that sell there."""

    def __init__(self, built, folder):
        self.bench = os.path.join(built, "bench")
        self.salesync = os.path.join(built, "salesync")
        self.dir = folder
        self.ca, cert, key = tls.make(os.path.join(folder, "tls"))
        self.server = subprocess.Popen(
            [os.path.join(self.bench, "server"), "0", cert, key,
             os.path.join(HERE, "shapes")], stdout=subprocess.PIPE, text=True)
        self.port = int(self.server.stdout.readline())
        self.url = "https://127.0.0.1:%d" % self.port
        for name in ("store", "logs", "tenants.d", "one.d"):
            os.mkdir(os.path.join(folder, name), 0o700)
        self.write("master.key", os.urandom(32).hex() + "\n", 0o600)
        self.write("sync.yaml", OPERATOR % (32, "tenants.d/*.yaml"))

    def close(self):
        self.server.terminate()
        self.server.wait()

    def write(self, name, text, mode=0o644):
        path = os.path.join(self.dir, name)
        with open(path, "w", encoding="ascii") as f:
            os.chmod(path, mode)
            f.write(text)

    def path(self, name):
        return os.path.join(self.dir, name)

    def tenant(self, name, orders, full=False, into="one.d"):
        """Its file, and the operator's file that names it alone."""
        self.write("%s/%s.yaml" % (into, name), TENANT % {
            "name": name, "port": self.port, "orders": orders,
            "admin": zlib.crc32(name.encode()),
            "final": "true" if full else "false",
            "debtors": "each" if full else "collective"})
        self.write(name + ".yaml", OPERATOR % (32, "%s/%s.yaml" %
                                               (into, name)))
        for connection, text in SECRETS.items():
            subprocess.run([self.salesync, "-c", self.path(name + ".yaml"),
                            "rotate-credentials", "--unproven", name,
                            connection], input=text, text=True, check=True,
                           stdout=subprocess.DEVNULL)
        return self.path(name + ".yaml")

    def tell(self, path):
        context = ssl.create_default_context(cafile=self.ca)
        with socket.create_connection(("127.0.0.1", self.port)) as s, \
                context.wrap_socket(s, server_hostname="127.0.0.1") as t:
            t.sendall(b"GET %s HTTP/1.1\r\nHost: a\r\n\r\n" % path.encode())
            text = b""
            while b"}" not in text:
                text += t.recv(4096)
        return json.loads(text.split(b"\r\n\r\n", 1)[1])

    def start(self, *command, **more):
        """The process, and where its usage will be."""
        out = tempfile.mktemp(dir=self.dir)
        return out, subprocess.Popen(
            [os.path.join(self.bench, "usage"), out, *command], **more)

    def end(self, out, process):
        if process.wait() != 0:
            sys.exit("%s ended with %d" % (process.args[2:], process.wait()))
        with open(out, encoding="ascii") as f:
            return Usage(f.read())

    def run(self, *command, **more):
        """Its usage, and the requests it made."""
        self.tell("/reset")
        usage = self.end(*self.start(*command, **more))
        usage.count = self.tell("/count")
        return usage

    def sync(self, config, *options):
        return self.run(self.salesync, "-c", config, "sync", *options)

    def pair(self, config, name, *options):
        """pull | push, each with its own usage."""
        self.tell("/reset")
        pull, p = self.start(self.salesync, "-c", config, "pull", *options,
                             name, stdout=subprocess.PIPE)
        push, q = self.start(self.salesync, "-c", config, "push", name,
                             stdin=p.stdout)
        p.stdout.close()
        return self.end(pull, p), self.end(push, q), self.tell("/count")


class Table:
    def __init__(self):
        self.over = 0
        print("%-56s %12s %12s" % ("what", "measured", "bound"), flush=True)

    def row(self, what, value, unit="", most=None, least=None):
        bound, word = "", ""
        if most is not None or least is not None:
            fine = value <= most if most is not None else value >= least
            bound = ("<= %g%s" % (most, unit)) if most is not None else \
                (">= %g%s" % (least, unit))
            word = "ok" if fine else "OVER"
            self.over += not fine
        print("%-56s %12s %12s  %s" % (what, ("%.4g" % value if value < 1e4
              else "%d" % value) + unit, bound, word), flush=True)


def same_requests(a, b):
    """Within one in fifty: paging and the first look-up differ."""
    a, b = a["requests"], b["requests"]
    if abs(a - b) > 5 + max(a, b) / 50:
        sys.exit("not the same requests: %d and %d" % (a, b))


def bench_sync(house, table, a):
    """A first sync of all orders, of one and of five requests each."""
    for mode in ("full", "draft"):
        ours, bare = [], []
        for i in range(a.rounds):
            config = house.tenant("%s%d" % (mode, i), a.orders,
                                  mode == "full")
            ours.append(house.sync(config))
            bare.append(house.run(
                os.path.join(house.bench, "bare"), "sync", house.ca,
                "%s/%d" % (house.url, a.orders), house.url + "/api/v2",
                str(a.orders // 100), mode))
            same_requests(ours[-1].count, bare[-1].count)
        cpu = min(u.cpu for u in bare)
        each = ours[0].count["changes"] / a.orders
        what = "%d orders, %.3g changes each" % (a.orders, each)
        table.row(what + ": CPU, bare", cpu, " s")
        table.row(what + ": CPU, salesync / bare",
                  min(u.cpu for u in ours) / cpu, " x", most=1.5)
        sdk(house, table, a, mode, what, cpu)


def sdk(house, table, a, mode, what, cpu):
    if a.quick:
        return
    folder = os.environ.get("BENCH_NODE", os.path.expanduser(
        "~/.cache/salesync-bench"))
    if not os.path.isdir(os.path.join(folder, "node_modules")):
        os.makedirs(folder, exist_ok=True)
        if shutil.which("npm") is None or subprocess.run(
                ["npm", "install", "--silent", "--no-audit", "--prefix",
                 folder, "@woocommerce/woocommerce-rest-api@1"],
                stdout=subprocess.DEVNULL).returncode != 0:
            print("SKIPPED: the vendor's SDK: no npm, or no registry")
            return
    shutil.copy(os.path.join(HERE, "sdk.mjs"), folder)
    u = house.run("node", os.path.join(folder, "sdk.mjs"),
                  "%s/%d" % (house.url, a.orders), house.url + "/api/v2",
                  str(a.orders // 100), mode,
                  env=dict(os.environ, NODE_EXTRA_CA_CERTS=house.ca))
    table.row(what + ": CPU, SDK in Node / bare", u.cpu / cpu, " x")
    table.row(what + ": memory, SDK in Node", u.mib, " MiB")


def bench_again(house, table, a):
    """All booked already."""
    config = house.tenant("again", a.orders)
    house.sync(config)
    pairs = []
    for _ in range(a.rounds + 2):
        pull, push, count = house.pair(config, "again", "--since",
                                       "2026-01-01")
        if count["changes"] != 0:
            sys.exit("something was sent again")
        pairs.append((pull, push))
    what = "the same again: orders a second"
    table.row(what + ", on the clock", a.orders /
              min(p[1].clock for p in pairs))
    # Pull and push run side by side: the busier one sets the pace.
    table.row(what + ", by CPU of the busier", a.orders /
              min(max(p[0].cpu, p[1].cpu) for p in pairs), least=20000)
    best = min((house.sync(config) for _ in range(5)), key=lambda u: u.cpu)
    table.row("nothing new: requests", best.count["requests"], most=1)
    table.row("nothing new: CPU", best.cpu * 1000, " ms", most=20)


def bench_memory(house, table, a):
    """Of each process, alone."""
    peak = {}
    for orders in (100, a.large):
        name = "memory%d" % orders
        config = house.tenant(name, orders)
        pull, push, count = house.pair(config, name)
        if count["changes"] < orders:
            sys.exit("not all was booked")
        again = house.pair(config, name, "--since", "2026-01-01")
        peak[orders] = {"pull": pull.mib, "push": push.mib,
                        "push, all booked": again[1].mib}
    for part, mib in peak[a.large].items():
        what = "memory, %d orders: %s" % (a.large, part)
        table.row(what, mib, " MiB", most=32)
        # Once full, the pages that a commit touches are 64 kB each.
        table.row(what + ", more than 100", mib - peak[100][part], " MiB",
                  most=8)


def bench_many(house, table, a):
    """Many tenants with nothing new: each list ends with the order that was
    read last."""
    for i in range(a.tenants):
        house.tenant("many%04d" % i, 1, into="tenants.d")
    for _ in range(2):
        house.sync(house.path("sync.yaml"))
    ours = bare = None
    for _ in range(a.rounds):
        u = house.sync(house.path("sync.yaml"))
        v = house.run(os.path.join(house.bench, "bare"), "poll", house.ca,
                      house.url + "/1", str(a.tenants))
        same_requests(u.count, v.count)
        ours = u if ours is None or u.cpu < ours.cpu else ours
        bare = v if bare is None or v.cpu < bare.cpu else bare
    what = "%d tenants, nothing new: " % a.tenants
    table.row(what + "CPU each, bare", bare.cpu / a.tenants * 1000, " ms")
    table.row(what + "CPU, salesync / bare", ours.cpu / bare.cpu, " x",
              most=2)


def bench_store(house, table, a):
    if not a.quick:
        command = [os.path.join(house.bench, "store_bench")]
        command += ["--large"] if a.store else []
        subprocess.run(command + [house.dir], check=True)
    del table


BENCHES = {"sync": bench_sync, "again": bench_again, "memory": bench_memory,
           "many": bench_many, "store": bench_store}


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--build", default="build")
    p.add_argument("--only", action="append", choices=list(BENCHES))
    p.add_argument("--orders", type=int, default=10000)
    p.add_argument("--large", type=int, default=100000)
    p.add_argument("--tenants", type=int, default=1000)
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--store", action="store_true", help="10^7 rows too")
    p.add_argument("--quick", action="store_true",
                   help="all of it, small: only to see that it runs")
    a = p.parse_args()
    if a.quick:
        a.orders, a.large, a.tenants, a.rounds = 1000, 2000, 20, 1
    folder = tempfile.mkdtemp(dir=os.environ.get("BENCH_DIR"))
    house = House(os.path.abspath(a.build), folder)
    table = Table()
    try:
        for name in a.only or BENCHES:
            BENCHES[name](house, table, a)
    finally:
        house.close()
        shutil.rmtree(folder)
    return 1 if table.over > 0 and not a.quick else 0


if __name__ == "__main__":
    sys.exit(main())
