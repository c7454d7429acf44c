"""Messages that no other case brings about: each is said, with its exit code
and for whom it is."""
import json
import os
import shutil
import subprocess

import expect
import folder_flow
import house
import store_flow
from house import DAY0, has, plain, same


def case_no_account(t):
    """S202: a kind of line without a ledger account."""
    folder_flow.house(t)
    del t.tenants["tea"]["rules"]["accounts"]["sales"]
    t.configure()
    folder_flow.put(t, "a.jsonl", folder_flow.receipt(1))
    has(t.run("sync").must(1).err, 'accounts: {sales: "..."} [S202]')


def case_before_the_contract(t):
    """S219: a stream of somebody's own offers what no contract covers."""
    folder_flow.house(t)
    sale = dict(folder_flow.receipt(1), type="sale", tenant="tea",
                source="till", placed="2023-12-31T22:59:59Z")
    stream = json.dumps(sale) + "\n" + json.dumps(
        {"type": "end", "tenant": "tea", "sales": 1}) + "\n"
    has(t.run("push", "tea", given=stream).must(1).err, "[S219]")
    same(os.path.exists(t.path("books.journal")), False, "a journal")
    t.ok("push", "tea", given=stream.replace("22:59:59", "23:00:00"))


def case_books_down(t):
    """S410: no answer comes back from the books, sale after sale."""
    made = plain(70)
    t.make(made, settle="0s")
    t.books.fault("refuse", match="^POST .*sales_invoices.json", times=0,
                  status=500, body={})
    has(t.run("sync", timeout=100).must(69).err, "[S410]")
    t.books.control(faults=[])
    t.run("sync", timeout=100).must(0)
    expect.same_books(t.books.dump(), made, sent_once=False)


case_books_down.seconds = 40


def case_code_of_another_rate(t):
    """S418: the code of the books under a key is one of another rate."""
    acme = t.make(plain(1))
    acme["rules"]["vat"]["NL 9"] = house.CODES["NL 21"]
    t.configure()
    has(t.run("check").must(1).err, "NL 9: %s (21 %% in the books)" %
        house.CODES["NL 21"])


def case_broken_database(t):
    """S502: what lies there is no database."""
    t.make(plain(2))
    t.ok("sync")
    t.write("store/tenants/acme/data.mdb", "x" * 8192)
    has(t.run("sync").must(74).err, "[S502]")


def case_network_file_system(t):
    """S507: LMDB's locks do not work there."""
    t.make(plain(1))
    source = t.write("nfs.c", """
#include <sys/vfs.h>
#include <sys/syscall.h>
#include <unistd.h>
int statfs(const char *path, struct statfs *s)
{ int r = syscall(SYS_statfs, path, s); s->f_type = 0x6969; return r; }
int fstatfs(int fd, struct statfs *s)
{ int r = syscall(SYS_fstatfs, fd, s); s->f_type = 0x6969; return r; }
""")
    subprocess.run(["cc", "-shared", "-fPIC", "-o", t.path("nfs.so"), source],
                   check=True)
    r = t.run("sync", env=dict(t.env, LD_PRELOAD=t.path("nfs.so"))).must(78)
    has(r.err, "[S507]")
    t.ok("sync")


def case_key_of_another_user(t):
    """S514: whoever owns the master key can read it."""
    t.make(plain(1))
    os.chown(t.path("master.key"), 12345, 12345)
    has(t.run("sync").must(78).err, "[S514]")


def case_read_only_store(t):
    """S515: on a file system that takes no writes."""
    t.make(plain(2))
    t.ok("sync")
    store_flow.own_mounts()
    folder = t.path("store/tenants/acme")
    store_flow.mount("--bind", folder, folder)
    store_flow.mount("-o", "remount,bind,ro", folder)
    has(t.run("sync", "--since", DAY0.isoformat()).must(74).err, "[S515]")


def case_operator_of_another_host(t):
    """S711: the operator's store was copied here."""
    t.make(plain(1))
    t.ok("sync")
    t.run("purge").must(0)
    store_flow.own_mounts()
    store_flow.mount("--bind", t.write("machine-id", "0" * 31 + "1\n"),
                     "/etc/machine-id")
    has(t.run("audit", "--public-key").must(78).err, "[S711]")


def case_no_certificate_yet(t):
    """S728: there is no key before the first purge."""
    t.make(plain(1))
    has(t.run("audit", "--public-key").must(78).err, "[S728]")


def case_tombstones_that_cannot_be_read(t):
    """S743: a debtor who was erased must not come back unseen."""
    made = plain(2)
    t.make(made)
    t.ok("sync")
    t.run("subject", "--erase", "-",
          given=made[0]["billing"]["email"] + "\n").must(0)
    names = [n for n in os.listdir(t.path("store/keys"))
             if n.endswith(".erased")]
    same(len(names), 1, "tombstones")
    t.write("store/keys/" + names[0], "no tombstone\n")
    shutil.rmtree(t.path("logs"))
    os.mkdir(t.path("logs"), 0o700)
    has(t.run("sync").must(74).err, "[S743]")


def case_language(t):
    """What to do is told in the bookkeeper's language: the tenant's own, else
    the operator's."""
    folder_flow.house(t)
    tea = t.tenants["tea"]
    del tea["rules"]["accounts"]["sales"]
    t.configure()
    folder_flow.put(t, "a.jsonl", folder_flow.receipt(1))
    t.run("sync").must(1)
    words = t.run("explain", "--json", "S202").json()[0]
    remedy = {name: words[name]["remedy"] for name in ("en", "nl")}
    cause = words["nl"]["cause"]
    for operator, tenant, want in ((None, None, "en"), ("nl", None, "nl"),
                                   ("nl", "en", "en"), (None, "nl", "nl")):
        for to, value in ((t.conf, operator), (tea, tenant)):
            to.pop("language", None)
            if value:
                to["language"] = value
        t.configure()
        out = t.run("errors").must(0).out
        has(out, remedy[want])
        same(cause in out, want == "nl", "the cause in Dutch")
        same(t.run("errors", "--json").json()[0]["remedy"], remedy[want],
             "in JSON")
    tea["language"] = "fr"
    t.configure()
    has(t.run("errors").must(78).err, "language: expected one of: en, nl")
