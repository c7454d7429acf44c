"""The store: backups put back, keys that don't fit, disks that are full."""
import ctypes
import fcntl
import os
import shutil
import subprocess
import time

import expect
import house
from house import has, holds, orders, plain, same

NEWNS = 0x20000


def own_mounts():
    """Mounts of this process alone, which end with it."""
    libc = ctypes.CDLL(None, use_errno=True)
    if os.geteuid() != 0 or libc.unshare(NEWNS) != 0:
        raise house.Skip("needs root, to mount")
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)


def mount(*args):
    subprocess.run(["mount"] + list(args), check=True)


def half(t, n=10, **more):
    """A house that has booked the first half of its orders; all of them."""
    made = plain(n)
    t.make(made[:n // 2], **more)
    t.ok("sync")
    return made


def the_rest(t, made):
    for order in made[len(made) // 2:]:
        t.shop.control(put=order)


def nothing_sent(t, before):
    same(len(t.books.dump()["requests"]), before, "requests to the books")


# --- backups ---

def restored(t, *what):
    """Put back what there was when half of the sales were booked."""
    made = half(t)
    shutil.copytree(t.path("store"), t.path("backup"))
    the_rest(t, made)
    t.ok("sync")
    expect.same_books(t.books.dump(), made)
    for part in what:
        shutil.rmtree(t.path("store", part))
        shutil.copytree(t.path("backup", part), t.path("store", part))
    more = orders(12)[10:]
    for order in more:
        t.shop.control(put=order)
    r = t.run("sync").must(0)
    holds("S506" in r.err, "it is not told: " + r.err)
    expect.same_books(t.books.dump(), made + more)
    t.ok("sync")
    t.ok("dedupe")


def case_tenant_restored(t):
    restored(t, "tenants/acme")


def case_store_restored(t):
    restored(t, "")


def case_machine_rolled_back(t):
    """Store and logs together, as a snapshot of the machine has them: no
    counter tells, the books do."""
    made = half(t)
    for name in ("store", "logs"):
        shutil.copytree(t.path(name), t.path("backup", name))
    the_rest(t, made)
    t.ok("sync")
    for name in ("store", "logs"):
        shutil.rmtree(t.path(name))
        shutil.copytree(t.path("backup", name), t.path(name))
    has(t.run("sync").must(0).err, "S506")
    expect.same_books(t.books.dump(), made)
    t.ok("sync")


def case_store_restored_and_paid_late(t):
    """The whole store is put back, and the first sale to come is an old
    order that was paid just now: nothing of it stands in the books."""
    made = half(t)
    late = made[2]
    paid = dict(late)
    t.shop.control(change=late["id"], members={"status": "pending",
                                               "date_paid_gmt": None})
    for name in ("store", "logs"):
        shutil.rmtree(t.path(name))
        os.mkdir(t.path(name), 0o700)
    t.books.control(reset=True)
    t.rotate("acme", "shop", "consumer_key=ck_test\n"
             "consumer_secret=cs_test\n")
    t.rotate("acme", "books", "token=token\n")
    t.ok("sync")
    shutil.copytree(t.path("store"), t.path("backup"))
    the_rest(t, made)
    t.ok("sync")
    shutil.rmtree(t.path("store"))
    shutil.copytree(t.path("backup"), t.path("store"))
    t.shop.control(change=late["id"], members=dict(
        paid, date_modified_gmt=made[-1]["date_modified_gmt"]))
    t.run("sync").must(0)
    expect.same_books(t.books.dump(), made)


def case_machine_restored_and_paid_late(t):
    """Store and logs are put back together, so that no counter tells; the
    first sale to come is an old one that was paid just now, the others were
    sold and booked after the backup."""
    made = plain(10)
    late = dict(made[2])
    made[2].update(status="pending", date_paid_gmt=None)
    t.make(made[:5])
    t.ok("sync")
    for name in ("store", "logs"):
        shutil.copytree(t.path(name), t.path("backup", name))
    sold = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() + 5))
    for order in made[5:]:
        order.update(date_created_gmt=sold, date_modified_gmt=sold)
        t.shop.control(put=order)
    t.ok("sync")
    for name in ("store", "logs"):
        shutil.rmtree(t.path(name))
        shutil.copytree(t.path("backup", name), t.path(name))
    late["date_modified_gmt"] = sold
    t.shop.control(put=late)
    has(t.run("sync").must(0).err, "S506")
    made[2] = late
    expect.same_books(t.books.dump(), made)


def case_tenant_emptied(t):
    made = half(t)
    for name in os.listdir(t.path("store/tenants/acme")):
        os.unlink(t.path("store/tenants/acme", name))
    r = t.run("sync").must(77)
    has(r.err, "S407")
    r = t.rotate("acme", "shop", "consumer_key=ck_test\n"
                 "consumer_secret=cs_test\n")
    has(r.err, "S506")
    t.rotate("acme", "books", "token=token\n")
    the_rest(t, made)
    t.run("sync").must(0)
    expect.same_books(t.books.dump(), made)
    t.ok("sync")


def case_crash_after_restore(t):
    """That it was restored is remembered until it is whole again."""
    made = half(t)
    shutil.copytree(t.path("store"), t.path("backup"))
    the_rest(t, made)
    t.ok("sync")
    shutil.rmtree(t.path("store/tenants/acme"))
    shutil.copytree(t.path("backup/tenants/acme"),
                    t.path("store/tenants/acme"))
    before = len(t.books.dump()["requests"])
    t.books.fault("refuse", match="GET", n=3, times=0, status=503, body={})
    t.run("sync").must(69)
    holds(len(t.books.dump()["requests"]) > before, "it did not get there")
    t.books.control(faults=[])
    # first comes one that the books don't have
    early = dict(plain(1, 4)[0], id=5, number="5",
                 date_modified_gmt=made[-1]["date_modified_gmt"])
    t.shop.control(put=early)
    t.run("sync").must(0)
    expect.same_books(t.books.dump(), made + [early])


# --- keys ---

def refused(t, code, word, n=1):
    """A sync ends with this, says so, and sends nothing."""
    before, shop = len(t.books.dump()["requests"]), t.seen()
    r = t.run("sync").must(code)
    has(r.err, word)
    same(r.err.count(word), n, "how often it is said: " + r.err)
    nothing_sent(t, before)
    return r, t.seen() - shop


def again(t, made):
    the_rest(t, made)
    t.ok("sync")
    expect.same_books(t.books.dump(), made)


def case_ring_missing(t):
    made = half(t)
    os.rename(t.path("store/keys/acme.ring"), t.path("ring"))
    refused(t, 78, "S508")
    os.rename(t.path("ring"), t.path("store/keys/acme.ring"))
    again(t, made)


def case_ring_cut(t):
    made = half(t)
    with open(t.path("store/keys/acme.ring"), "rb") as f:
        whole = f.read()
    for text in (whole[:-1], whole[:8], b"", whole + b"x",
                 whole[:60] + bytes([whole[60] ^ 1]) + whole[61:]):
        with open(t.path("store/keys/acme.ring"), "wb") as f:
            f.write(text)
        refused(t, 74, "S509")
    with open(t.path("store/keys/acme.ring"), "wb") as f:
        f.write(whole)
    again(t, made)


def master(t, text, mode=0o600):
    path = t.path("master.key")
    if os.path.exists(path):
        os.unlink(path)
    if text is not None:
        t.write("master.key", text)
        os.chmod(path, mode)


def case_master_key(t):
    made = half(t)
    whole = t.read("master.key")
    for text, mode, word in (("0" * 64 + "\n", 0o600, "S511"),
                             (None, 0, "is not there [S510]"), (whole, 0o644, "S513"),
                             (whole, 0o640, "S513"), ("", 0o600, "S510"),
                             (whole[:40], 0o600, "S510"),
                             ("x" * 64, 0o600, "S510")):
        master(t, text, mode)
        _, asked = refused(t, 78, word)
        same(asked, 0, "requests to the shop")
    master(t, whole, 0o400)
    again(t, made)


def case_newer_format(t):
    made = half(t)
    path = t.path("store/tenants/acme/data.mdb")
    with open(path, "rb") as f:
        whole = f.read()
    holds(b"format1" in whole, "no format found")
    with open(path, "wb") as f:
        f.write(whole.replace(b"format1", b"format9"))
    r, asked = refused(t, 78, "S504")
    has(r.err, "has format 9, newer than this program's 1")
    same(asked, 0, "requests to the shop")
    with open(path, "wb") as f:
        f.write(whole)
    again(t, made)


def case_altered(t):
    """A byte of what is sealed was changed."""
    half(t)
    path = t.path("store/tenants/acme/data.mdb")
    with open(path, "rb") as f:
        whole = f.read()
    at = whole.rindex(b"books\0token")
    with open(path, "wb") as f:
        f.write(whole[:at + 40] + bytes([whole[at + 40] ^ 1])
                + whole[at + 41:])
    before = len(t.books.dump()["requests"])
    t.shop.control(put=plain(6)[5])
    r = t.run("sync").must(74)
    has(r.err, "S512")
    nothing_sent(t, before)


def case_store_of_another_tenant(t):
    """Its rows are bound to its name."""
    half(t)
    other = t.fake_shop(plain(2))
    t.tenant("other", shop=other, administration="1")
    shutil.rmtree(t.path("store/tenants/other"))
    shutil.copytree(t.path("store/tenants/acme"),
                    t.path("store/tenants/other"))
    before = len(t.books.dump()["requests"])
    r = t.run("sync", "other").must(74)
    has(r.err, "S512")
    nothing_sent(t, before)
    t.ok("sync", "acme")


def case_other_host(t):
    if not os.path.exists("/etc/machine-id"):
        raise house.Skip("this machine has no /etc/machine-id to cover")
    own_mounts()
    made = half(t)
    mount("--bind", t.write("machine-id", "0" * 31 + "1\n"),
          "/etc/machine-id")
    _, asked = refused(t, 78, "S505")
    same(asked, 0, "requests to the shop")
    the_rest(t, made)
    with open(t.path("store/tenants/acme.lock"), "rb") as f:
        fcntl.flock(f, fcntl.LOCK_EX)
        has(t.run("sync", "--take-over").must(75).err, "S105")
    refused(t, 78, "S505")
    t.run("sync", "--take-over").must(0)
    expect.same_books(t.books.dump(), made)
    t.ok("sync")
    subprocess.run(["umount", "/etc/machine-id"], check=True)
    refused(t, 78, "S505")


# --- disks ---

def small_disk(t, made, size="4m"):
    own_mounts()
    os.mkdir(t.path("store"), 0o700)
    mount("-t", "tmpfs", "-o", "size=" + size, "none", t.path("store"))
    t.make(made)


def fill(t, leave):
    """Leave so many bytes free."""
    with open(t.path("store/filler"), "wb", buffering=0) as f:
        try:
            while True:
                f.write(b"x" * 4096)
        except OSError:
            pass
        f.truncate(max(0, f.tell() - leave))


def case_full_disk(t):
    made = plain(70)
    small_disk(t, made)
    fill(t, 0)
    before = len(t.books.dump()["requests"])
    r = t.run("sync").must(74)
    has(r.err, "S503")
    nothing_sent(t, before)
    os.unlink(t.path("store/filler"))
    t.ok("sync")
    expect.same_books(t.books.dump(), made)


def case_full_in_the_middle(t):
    """However much is left: what was sent is known, and nothing twice."""
    made = plain(150)
    small_disk(t, made)
    stopped = 0
    for leave in range(0, 130000, 8192):
        fill(t, leave)
        r = t.run("sync")
        holds(r.code in (0, 74, 75), "exit %r" % r)
        stopped += r.code == 74
        os.unlink(t.path("store/filler"))
        n = expect.changes(t.books.dump())
        same({v for (what, _), v in n.items() if what == "make"} - {1}, set(),
             "requests to make a document, each")
    holds(stopped > 1, "the disk was never full")
    house.until(lambda: t.run("sync").code == 0, "done")
    expect.same_books(t.books.dump(), made)


def case_read_only(t):
    made = plain(3)
    small_disk(t, made)
    t.ok("sync")
    t.shop.control(put=plain(4)[3])
    mount("-o", "remount,ro", t.path("store"))
    refused(t, 74, "Read-only file system")
    t.run("status").must(0)
    t.run("errors").must(0)
    mount("-o", "remount,rw", t.path("store"))
    t.ok("sync")
    expect.same_books(t.books.dump(), plain(4))


def case_logs_full(t):
    """A log that can't be written never stops the work."""
    own_mounts()
    made = plain(3)
    os.mkdir(t.path("logs"), 0o700)
    t.make(made)
    mount("-t", "tmpfs", "-o", "size=4k", "none", t.path("logs"))
    with open(t.path("logs/filler"), "wb") as f:
        f.write(b"x" * 4096)
    r = t.run("sync").must(74)
    has(r.err, "S501")
    expect.same_books(t.books.dump(), made)
