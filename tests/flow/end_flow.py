"""A tenant's end, and what purge and audit say: on a clock that libfaketime
moves."""
import datetime
import fcntl
import json
import os
import shutil
import subprocess

from house import has, holds, plain, same
from keep_flow import later
from store_flow import mount, small_disk

END = 3                 # days from now: the contract's end
GONE = 70               # two months after it


def ended(t, made=None, name="acme"):
    """A tenant with sales, whose contract ends soon."""
    t.make(made or plain(3))
    t.ok("sync")
    t.run("purge").must(0)
    end = datetime.date.today() + datetime.timedelta(days=END)
    t.tenants[name]["contract"]["end"] = end.isoformat()
    t.configure()


def left(t, name="acme"):
    """What there still is of a tenant."""
    return [p for p in ("store/keys/%s.ring", "store/keys/%s.generation",
                        "store/tenants/%s", "store/tenants/%s.lock",
                        "logs/%s.generation", "store/keys/%s.erased",
                        "logs/%s.erased")
            if os.path.lexists(t.path(p % name))]


def audit(t, *args, days=0, code=0):
    r = later(t, days, "audit", "--json", *args).must(code)
    return {(x["rule"], x["tenant"]): x for x in r.json()}


def case_end(t):
    """All of it goes, keys first, and nothing brings it back."""
    made = plain(3)
    ended(t, made)
    same(len(left(t)), 5, "before")
    t.run("subject", "--erase", made[0]["billing"]["email"]).must(0)
    same(len(left(t)), 7, "with an erasure")
    rows = audit(t)
    same(rows["erasures", "acme"]["count"], 1, "erasures")
    same(rows["sales", "acme"]["overdue"], 0, "overdue")
    same(rows["keys", "acme"]["why"], "term runs", "why")
    same(rows["own customers", "acme"]["count"], 1, "customers")
    later(t, END + 55, "purge").must(0)
    same(len(left(t)), 7, "within its term")
    rows = audit(t, days=GONE, code=1)
    same(rows["credentials", "acme"]["overdue"], 3, "overdue")
    r = later(t, GONE, "subject", "--erase",
              made[1]["billing"]["email"]).must(0)
    has(r.out, "true")
    r = later(t, GONE, "purge", "--dry-run").must(0)
    has(r.out, "credentials")
    same(len(left(t)), 7, "after a dry run")
    r = later(t, GONE, "purge").must(1)
    has(r.err, "acme.yaml [S721]")
    same(left(t), [], "after its term")
    for args in (("sync",), ("sync", "acme"), ("status",), ("errors",)):
        later(t, GONE, *args).must(0)
    for args, given in ((("rotate-credentials", "acme", "books"),
                         "token=x\n"),
                        (("push", "acme"), '{"type":"end","tenant":"acme",'
                         '"sales":0}\n'),
                        (("dedupe", "--repair", "acme"), "")):
        r = later(t, GONE, *args, given=given)
        same((args, r.code), (args, 78), r.err)
        has(r.err, "S720")
    same(left(t), [], "it came back")
    has(later(t, GONE, "audit").must(1).err, "S721")
    r = later(t, GONE + 1, "purge").must(1)
    same(r.err.count("S721"), 1, "said once")
    os.unlink(t.path("tenants.d/acme.yaml"))
    later(t, GONE + 1, "purge").must(0)
    later(t, GONE + 1, "audit").must(0)
    rows = audit(t, days=GONE + 1)
    same([k for k in rows if k[1] == "acme"], [], "still known")


def case_noise(t):
    """A copy from before is noise without the keys; with the keys too, once
    the master key is another."""
    ended(t)
    copy = t.path("backup")
    shutil.copytree(t.path("store"), copy)
    later(t, GONE, "purge").must(1)
    shutil.copytree(copy + "/tenants/acme", t.path("store/tenants/acme"))
    r = t.run("errors", "acme")
    same(r.code, 78, repr(r))
    has(r.err, "S508")
    shutil.copy(copy + "/keys/acme.ring", t.path("store/keys/acme.ring"))
    t.run("errors", "acme").must(0)
    os.unlink(t.path("store/keys/acme.ring"))
    t.run("rotate-credentials", "--master-key").must(0)
    shutil.copy(copy + "/keys/acme.ring", t.path("store/keys/acme.ring"))
    r = t.run("errors", "acme")
    same(r.code, 78, repr(r))
    has(r.err, "S511")
    # What was put back is past its term still.
    r = later(t, GONE + 1, "purge").must(1)
    same(left(t), [], "what was put back")


def case_half_rotated(t):
    """A master key that was half replaced hinders nothing, and is replaced
    after it."""
    ended(t)
    t.tenant("beta", source="till")
    old, ring = t.read("master.key"), t.path("store/keys/acme.ring")
    shutil.copy(ring, t.path("ring"))
    t.run("rotate-credentials", "--master-key").must(0)
    os.rename(t.path("master.key"), t.path("master.key.new"))
    t.write("master.key", old)
    os.chmod(t.path("master.key"), 0o400)
    shutil.copy(t.path("ring"), ring)
    same({x[1] for x in audit(t)}, {None, "acme", "beta"}, "what audit sees")
    later(t, GONE, "purge").must(1)
    same((left(t), len(left(t, "beta"))), ([], 5), "after its term")
    t.run("rotate-credentials", "--master-key").must(0)
    holds(not os.path.exists(t.path("master.key.new")), "it is still there")
    t.run("errors", "beta").must(0)


def case_no_file(t):
    """Its file gone, a tenant ends by what the operator's store knows."""
    ended(t)
    later(t, 1, "purge").must(0)
    os.unlink(t.path("tenants.d/acme.yaml"))
    del t.tenants["acme"]
    later(t, 2, "purge").must(0)
    later(t, GONE, "audit").must(1)
    later(t, GONE, "purge").must(0)
    same(left(t), [], "after its term")
    later(t, GONE, "audit").must(0)


def case_no_end(t):
    """Without a file or an end it is said and kept, year after year."""
    t.make(plain(2))
    t.ok("sync")
    t.run("purge").must(0)
    os.unlink(t.path("tenants.d/acme.yaml"))
    for days in (1, 80):
        r = later(t, days, "purge", "--clock-is-right").must(78)
        has(r.err, "acme is kept")
        has(r.err, "S722")
    same(len(left(t)), 5, "what there is of it")
    os.makedirs(t.path("store/tenants/stranger"))
    r = later(t, 80, "purge").must(78)
    has(r.err, "stranger is kept")
    holds(os.path.isdir(t.path("store/tenants/stranger")), "it went")


def case_faulty(t):
    """A file at fault: the other tenants are done, and no store without a
    file is judged."""
    ended(t)
    later(t, 1, "purge").must(0)
    t.tenant("beta", source="till")
    t.tenants["beta"]["contract"]["end"] = "2023-12-31"	# before its start
    t.configure()
    os.rename(t.path("tenants.d/acme.yaml"), t.path("acme.yaml"))
    r = later(t, GONE, "purge").must(78)
    has(r.err, "tenants.d/beta.yaml")
    has(r.err, "S724")
    same(len(left(t)), 5, "a store without a file")
    same(len(left(t, "beta")) >= 3, True, "beta's")
    os.rename(t.path("acme.yaml"), t.path("tenants.d/acme.yaml"))
    later(t, GONE, "purge").must(78)
    same(left(t), [], "the one that is whole")
    same(len(left(t, "beta")) >= 3, True, "beta's")
    has(later(t, GONE, "audit").must(78).err, "S724")
    r = later(t, GONE, "sync")
    same(r.code, 78, "the others act on a whole configuration only")


def case_hindered(t):
    """Two at once, and a disk that can't be written: said, nothing half
    done, and made good by the next run."""
    small_disk(t, plain(3))
    end = datetime.date.today() + datetime.timedelta(days=END)
    t.tenants["acme"]["contract"]["end"] = end.isoformat()
    t.configure()
    t.ok("sync")
    t.run("purge").must(0)
    with open(t.path("store/operator.lock"), "rb") as f:
        fcntl.flock(f, fcntl.LOCK_EX)		# as another purge does
        r = later(t, GONE, "purge").must(75)
        has(r.err, "S705")
        same((r.out, r.err.count("\n")), ("", 1), "what it says: " + r.err)
    mount("-o", "remount,ro", t.path("store"))
    has(later(t, GONE, "purge").must(74).err, "Read-only file system")
    later(t, GONE, "audit").must(1)
    mount("-o", "remount,rw", t.path("store"))
    same(len(left(t)), 5, "what there is of it")
    later(t, GONE, "purge").must(1)
    same(left(t), [], "after its term")


def case_most(t):
    """More than the share allowed: nothing at all."""
    ended(t)
    t.tenant("beta", source="till")
    t.ok("sync", "beta")
    r = later(t, GONE, "purge", "--max-delete", "20").must(1)
    has(r.err, "S723")
    has(r.err, "would go, more than 20 %")
    same(len(left(t)), 5, "what there is of it")
    command = r.err.split("if it is right: salesync ")[1].split(" [S723]")[0]
    later(t, GONE, *command.split()).must(1)
    same(left(t), [], "after the command of the message")
    same(len(left(t, "beta")), 5, "beta's")


def case_clock(t):
    """A clock that does not fit what is known deletes nothing."""
    ended(t)
    r = later(t, -3, "purge").must(78)
    has(r.err, "S516")
    later(t, 5, "purge").must(0)
    has(t.run("purge").must(78).err, "S516")
    # A run under the wrong clock leaves traces that prove nothing.
    later(t, 200, "status").must(0)
    has(later(t, 201, "purge").must(78).err, "S516")
    same(len(left(t)), 5, "ahead")
    # The clock is right again, and a person says so, once.
    has(later(t, 6, "purge").must(78).err, "S516")
    later(t, 6, "purge", "--clock-is-right").must(0)
    later(t, 7, "purge").must(0)
    has(later(t, 3, "purge").must(78).err, "S516")
    # It slept.
    later(t, 99, "purge", "--dry-run").must(0)
    has(later(t, 150, "purge").must(78).err, "S516")
    later(t, 150, "purge", "--clock-is-right").must(1)
    same(left(t), [], "a person knew better")


def certificates(t):
    at = t.path("store/certificates")
    return sorted(os.path.join(at, n) for n in os.listdir(at)) \
        if os.path.isdir(at) else []


def case_certificate(t):
    """Signed, true, without any debtor; openssl alone can tell."""
    ended(t)
    same(certificates(t), [], "nothing went")
    later(t, GONE, "purge", "--dry-run").must(0)
    same(certificates(t), [], "nothing went in a dry run")
    later(t, GONE, "purge").must(1)
    path, = certificates(t)
    with open(path, encoding="utf-8") as f:
        c = json.load(f)
    gone = {r["rule"]: r["count"] for r in c["deleted"] if r["tenant"]}
    same(gone, {"credentials": 3, "sales": 4, "debtors": 3, "keys": 1},
         "the counts")
    r = t.run("audit", "--verify", path).must(0)
    has(r.out, "credentials")
    with open(path, encoding="utf-8") as f:
        text = f.read()
    for wrong in (text.replace('"count":3', '"count":4'), text[:-9],
                  "{}\n", "", text.replace('"at":"2', '"at":"3')):
        r = t.run("audit", "--verify", t.write("wrong.json", wrong)).must(1)
        has(r.err, "S727")
        same(r.out, "", "what it says of a wrong one")
    key = t.write("key.pem", t.run("audit", "--public-key").must(0).out)
    for text, code in ((text, 0), (text.replace('"count":3', '"count":2'),
                                   1)):
        t.write("c.json", text)
        same(openssl(t, "c.json", key), code, "openssl")
    later(t, GONE + 720, "purge", "--clock-is-right").must(1)
    same(path in certificates(t), True, "after 23 months and some")
    later(t, GONE + 740, "purge", "--clock-is-right").must(1)
    same(path in certificates(t), False, "after 24 months")


def openssl(t, name, key):
    """The commands of salesync-privacy(7)."""
    return subprocess.run(["/bin/sh", "-ec", """
        sed 's/,"signature":"[^"]*"}$//' FILE | tr -d '\\n' >body
        sed 's/.*,"signature":"//; s/"}$//' FILE | tr a-f A-F |
            basenc -d --base16 -i >signature
        openssl pkeyutl -verify -pubin -inkey KEY -rawin -in body \
            -sigfile signature >/dev/null
        """.replace("FILE", name).replace("KEY", key)], cwd=t.dir,
        check=False, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL).returncode


def case_invoices(t):
    """Kept to the end of the statutory term, and as long as there is a hold;
    with the last of them goes the customer."""
    ended(t)
    t.write("i.json", json.dumps([
        {"number": "1", "date": "2026-03-01", "tenant": "acme",
         "currency": "EUR", "excl": "100.00", "vat": "21.00",
         "incl": "121.00"},
        {"number": "2", "date": "2026-03-01", "tenant": "acme",
         "currency": "EUR", "excl": "100.00", "vat": "21.00",
         "incl": "121.00", "term": "oss"},
        {"number": "3", "date": "2026-03-01", "tenant": "acme",
         "currency": "EUR", "excl": "1.00", "vat": "0.00",
         "incl": "1.00", "hold": "audit of 2026"}]))
    t.run("invoices", "import", t.path("i.json")).must(0)
    os.unlink(t.path("tenants.d/acme.yaml"))

    def days(day):
        return (datetime.date.fromisoformat(day) - datetime.date.today()).days
    later(t, days("2033-12-30"), "purge", "--clock-is-right").must(0)
    rows = audit(t, "acme", days=days("2034-01-02"))
    same(rows["invoices", "acme"]["why"], "hold: audit of 2026", "the hold")
    later(t, days("2034-03-30"), "audit", "acme").must(0)
    later(t, days("2034-04-02"), "audit", "acme").must(1)
    later(t, days("2034-01-02"), "purge", "--clock-is-right").must(0)
    later(t, days("2034-04-02"), "audit", "acme").must(0)
    same(numbers(t), ["2", "3"], "invoices")
    later(t, days("2037-01-02"), "purge", "--clock-is-right").must(0)
    same(numbers(t), ["3"], "invoices")
    rows = audit(t, "acme", days=days("2050-01-01"))
    same(rows["own customers", "acme"]["why"], "invoices", "the customer")


def numbers(t):
    rows = t.run("invoices", "list", "--json").must(0).json()
    return [r["number"] for r in rows]
