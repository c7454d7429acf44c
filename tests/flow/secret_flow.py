"""Secrets and debtors' values: where they must not be."""
import base64
import os

import expect
from house import has, holds, orders, plain, same, until

KEY, SECRET, TOKEN = "ck_KANARIE1f0e9d", "cs_KANARIE2a7b8c", "KANARIE3d5e6f"
SECRETS = "consumer_key=%s\nconsumer_secret=%s\n" % (KEY, SECRET)


def canary(t, made):
    t.shop = t.fake_shop(made, "--consumer-key", KEY, "--consumer-secret",
                         SECRET)
    t.books = t.fake_books("--token", TOKEN)
    t.init()
    t.tenant()
    t.rotate("acme", "shop", SECRETS)
    t.rotate("acme", "books", "token=" + TOKEN + "\n")


def forms(word):
    """The ways in which it could stand somewhere."""
    raw = word.encode()
    return [raw, raw.hex().encode(), word.encode("utf-16-le"),
            base64.b64encode(raw).rstrip(b"=")[:-2], raw[::-1]]


def nowhere(t, words, folders=("store", "logs")):
    files = t.everywhere(*folders)
    holds(any(name.endswith("data.mdb") for name in files), "no store")
    for name, text in files.items():
        for word in words:
            for form in forms(word):
                holds(form not in text, "%s stands in %s" % (word, name))


def case_secrets_at_rest(t):
    made = plain(3)
    canary(t, made)
    r = t.run("-v", "sync").must(0)
    for word in (KEY, SECRET, TOKEN):
        holds(word not in r.out + r.err, "a secret on stderr: " + r.err)
    basic = base64.b64encode((KEY + ":" + SECRET).encode()).decode()
    nowhere(t, (KEY, SECRET, TOKEN, basic), ("store", "logs", "tenants.d"))
    r = t.run("check")
    for word in (KEY, SECRET, TOKEN):
        holds(word not in r.out + r.err, "a secret in check")


def below(pid):
    with open("/proc/%d/task/%d/children" % (pid, pid)) as f:
        ids = [int(n) for n in f.read().split()]
    return ids + [n for i in ids for n in below(i)]


def case_secrets_of_processes(t):
    """Neither arguments nor environment, which others may read."""
    canary(t, plain(2))
    t.books.fault("hang", n=1, seconds=2)
    run = t.start("sync")
    until(lambda: any(r["fault"] for r in t.books.dump()["requests"]),
          "the request")
    ids = [run.pid] + below(run.pid)
    holds(len(ids) > 1, "no processes")
    for pid in ids:
        for name in ("cmdline", "environ"):
            try:
                with open("/proc/%d/%s" % (pid, name), "rb") as f:
                    text = f.read()
            except OSError:
                continue	# not dumpable: nobody reads it at all
            holds(b"KANARIE" not in text, "a secret in its " + name)
        holds(os.stat("/proc/%d/mem" % pid).st_uid == 0, "whose it is")
    same(run.end().code, 0, "exit")


def case_debtors_at_rest(t):
    """Errors and changes too: nothing of a debtor or a sale in the clear."""
    made = orders(40)
    for n, order in enumerate(made):
        order["id"] = 770000000 + 100 * n
        order["number"] = str(order["id"])
    made[3]["total"] = "99999.99"
    made[4]["payment_method"] = "bacs"
    canary(t, made)
    t.books.fault("refuse", n=2, status=422, body={
        "error": {"contact": ["klant@ is unknown to KANARIE4"]}})
    t.run("-v", "sync").must(1)
    t.run("sync", "--retry").must(1)
    t.run("dedupe")
    words = {"KANARIE4", "Dorpsstraat", "KABEL", "LAMP1", "Postzegels",
             "Soci\u00e9t\u00e9", "NL123456789B01", "0612345678",
             "FR40303265045"}
    for order in made:
        b = order["billing"]
        words |= {b["email"], b["postcode"], order["number"]}
        words |= {b["last_name"]} if len(b["last_name"]) > 4 else set()
        words |= {order["total"]} if len(order["total"]) > 5 else set()
    nowhere(t, words)
    log = "".join(x.decode() for x in t.everywhere("logs").values())
    has(log, "tenant=acme", "the log")


def case_wrong_token(t):
    """It is refused, and the old one stays."""
    made = plain(2)
    t.make(made)
    for connection, lines in (("books", "token=wrong\n"), ("shop",
                              "consumer_key=x\nconsumer_secret=y\n"),
                              ("shop", "consumer_secret=y\n")):
        r = t.run("rotate-credentials", "acme", connection, given=lines)
        same(r.code, 77, "exit: " + r.err)
        has(r.err, "%s of acme: the credentials are refused [S406]" %
            connection)
        same(len(r.err.splitlines()), 1, "lines of stderr: " + r.err)
    t.ok("sync")
    expect.same_books(t.books.dump(), made)


def case_unproven(t):
    """--unproven only stores."""
    made = plain(2)
    t.make(made)
    shop, books = t.seen(), len(t.books.dump()["requests"])
    t.ok("rotate-credentials", "--unproven", "acme", "books",
         given="token=wrong\n")
    t.ok("rotate-credentials", "--unproven", "acme", "shop",
         given="consumer_secret=wrong\n")
    same((t.seen(), len(t.books.dump()["requests"])), (shop, books),
         "requests")
    has(t.run("sync").must(77).err, "shop of acme")
    t.rotate("acme", "shop", "consumer_secret=cs_test\n")
    has(t.run("sync").must(77).err, "books of acme")
    same(t.cursors(), {"acme/shop": None}, "cursor")
    t.rotate("acme", "books", "token=token\n")
    t.ok("sync")
    expect.same_books(t.books.dump(), made)


def case_dry_run(t):
    """It proves and stores nothing."""
    t.make(plain(1))
    t.books.control(admins=["123456789", "1"])
    acme = t.tenants["acme"]
    t.tenants["beta"] = dict(acme, tenant="beta", books=dict(
        acme["books"], administration="1"))
    t.configure()
    t.ok("rotate-credentials", "--dry-run", "beta", "books",
         given="token=token\n")
    holds(not os.path.exists(t.path("store/tenants/beta")), "a store")
    holds(not os.path.exists(t.path("store/keys/beta.ring")), "a key")
    t.ok("rotate-credentials", "--dry-run", "acme", "books",
         given="token=token\n")
    r = t.run("rotate-credentials", "--dry-run", "acme", "books",
              given="token=wrong\n")
    same(r.code, 77, "exit " + r.err)
    t.ok("sync", "acme")


def case_options(t):
    """One that belongs to something else is not passed over."""
    t.make(plain(1))
    key = t.read("master.key")
    for args in (("--master-key", "--login", "a@b.example"),
                 ("--refresh", "--master-key"), ("--tenant-key", "--to", "x"),
                 ("--back", "--authorize", "acme", "books"),
                 ("--forget", "acme", "books"), ("--json", "acme", "books"),
                 ("--port", "2000", "acme", "books")):
        r = t.run("rotate-credentials", *args, given="token=token\n")
        same((r.code, r.out), (64, ""), "%s: %r" % (args, r))
        has(r.err, "does not go with")
    same(t.read("master.key"), key, "the master key")
    for args in (("--rules",), ("--record",), ("--public-key",),
                 ("--verify", "x")):
        t.run("audit", *args, "acme").must(64)


def case_remote_down(t):
    """What can't be proven is not stored."""
    t.make(plain(1))
    t.books.fault("refuse", match="", times=0, status=500, body={})
    r = t.run("rotate-credentials", "acme", "books", given="token=new\n")
    same(r.code, 69, "exit " + r.err)
    t.books.control(faults=[])
    t.ok("sync")


def case_input(t):
    t.make(plain(1))
    for lines, word in (("", "is missing"), ("token\n", "name=value"),
                        ("tokn=x\n", "no secret"), ("=x\n", "no secret"),
                        ("token=" + "x" * 100000 + "\n", "too long"),
                        ("token=tok\0en\n", "NUL")):
        t.run("rotate-credentials", "--unproven", "acme", "books",
              given="token=token\n").must(0)
        r = t.run("rotate-credentials", "acme", "books", given=lines)
        if lines:
            same(r.code, 64, "%r: %r" % (lines[:20], r))
            has(r.err, word)
        holds("xxxxxxxx" not in r.err, "the value is echoed")
    same(t.run("rotate-credentials", "acme").code, 64, "exit")
    same(t.run("rotate-credentials", "acme", "web").code, 78, "exit")
    same(t.run("rotate-credentials", "none", "books").code, 78, "exit")
    t.rotate("acme", "books", "\n  token =token\r\n\n")
    t.ok("sync")


def case_never_stored(t):
    t.shop, t.books = t.fake_shop(plain(1)), t.fake_books()
    t.init()
    t.tenant()
    acme = t.tenants["acme"]
    t.tenants["new"] = dict(acme, tenant="new", books=dict(
        acme["books"], administration="1"))
    t.configure()
    r = t.run("sync", "new").must(77)
    has(r.err, "run: salesync rotate-credentials new shop [S407]")
    same(t.seen(), 0, "requests")


def case_in_yaml(t):
    """A secret in YAML is refused with the command that stores it, and its
    value is never echoed."""
    t.make(plain(1))
    for part, key in (("books", "token"), ("shop", "consumer_secret"),
                      ("shop", "password"), ("books", "api_key"),
                      ("books", "client_secret"), ("shop", "Token")):
        c = t.tenants["acme"]["books"] if part == "books" else \
            t.tenants["acme"]["sources"]["shop"]
        c[key] = "KANARIE"
        t.configure()
        r = t.run("sync").must(78)
        has(r.err, "a secret must not stand in YAML; run: salesync "
            "rotate-credentials acme %s [S603]" % part)
        holds("KANARIE" not in r.err, "the value is echoed")
        del c[key]
    t.tenants["acme"]["sources"]["shop"]["url"] = \
        t.shop.url.replace("https://", "https://x:KANARIE@")
    t.configure()
    r = t.run("sync").must(78)
    holds("KANARIE" not in r.err, "the value is echoed: " + r.err)
    for text in t.everywhere("logs").values():
        holds(b"KANARIE" not in text, "it stands in the log")
    same(t.seen(), 0, "requests")


def case_new_master_key(t):
    made = plain(4)
    t.make(made[:2])
    t.ok("sync")
    old = t.read("master.key")
    t.ok("rotate-credentials", "--master-key")
    holds(t.read("master.key") != old, "the key is the same")
    same(os.stat(t.path("master.key")).st_mode & 0o077, 0, "its mode")
    for order in made[2:]:
        t.shop.control(put=order)
    t.ok("sync")
    expect.same_books(t.books.dump(), made)
    os.chmod(t.path("master.key"), 0o600)
    t.write("master.key", old)
    has(t.run("sync").must(78).err, "S511")


def case_modes(t):
    """Nobody else reads the store and the logs."""
    t.make(plain(2))
    os.umask(0)
    t.ok("sync")
    for top in ("store", "logs"):
        for at, folders, files in os.walk(t.path(top)):
            for name in folders + files:
                mode = os.stat(os.path.join(at, name)).st_mode
                holds(mode & 0o077 == 0, "%s is %o" % (name, mode))
