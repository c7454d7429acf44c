"""salesync's own keys: a new master key, a new data key, broken off and gone
on with; and logins of the dashboard."""
import fcntl
import os
import pty
import shutil
import subprocess

import expect
from house import has, holds, plain, same, until
from secret_flow import nowhere
from store_flow import fill, half, small_disk, the_rest

EMAIL, GOOD = "Jan.Jansen@acme.example", "Vloer%tegel4KANARIE"


def again(t, made):
    """All opens, and the other half of the sales goes in."""
    the_rest(t, made)
    t.ok("sync")
    expect.same_books(t.books.dump(), made)


def ring(t, name="acme"):
    with open(t.path("store/keys/%s.ring" % name), "rb") as f:
        return f.read()


def put(t, name, data):
    with open(t.path(name), "wb") as f:
        f.write(data)


def new_key(t, name, digits="ab"):
    t.write(name, digits * 32 + "\n")
    os.chmod(t.path(name), 0o400)


def move(t, place, *args):
    return t.run("rotate-credentials", "--master-key", "--to", place, *args)


# --- the master key ---

def case_move(t):
    """To a command: both keys open everything until sync.yaml names it."""
    made = half(t)
    new_key(t, "next.key")
    place = "command:cat " + t.path("next.key")
    before = ring(t)
    same(move(t, place, "--dry-run").must(0).err, "", "what it says")
    same(ring(t), before, "the ring after a dry run")
    r = move(t, place).must(0)
    has(r.err, "now put master_key: %s in sync.yaml [S772]" % place)
    holds(ring(t) != before, "the ring is what it was")
    same(os.listdir(t.path("store/keys")).count("master.next"), 1, "the note")
    t.ok("sync")
    has(t.run("check", "--offline").must(78).err, "S771")
    has(move(t, place).must(0).err, "S772")		# once more is harmless
    # Neither a third key nor one of its own making now.
    new_key(t, "third.key", "cd")
    for r in (move(t, "file:third.key"),
              t.run("rotate-credentials", "--master-key")):
        has(r.must(78).err, "S771")
    holds(not os.path.exists(t.path("master.key.new")), "a key was made")
    t.conf["master_key"] = place
    t.configure()
    os.unlink(t.path("master.key"))
    same(t.run("check", "--offline").must(0).err, "", "what check says")
    again(t, made)
    # And on from there, to a file.
    move(t, "file:third.key").must(0)
    t.conf["master_key"] = "file:third.key"
    t.configure()
    os.unlink(t.path("next.key"))
    t.ok("sync")
    t.ok("rotate-credentials", "--master-key")
    t.ok("sync")


def case_move_half(t):
    """Half of the rings moved, and then the new key is out of reach."""
    made = half(t)
    acme = t.tenants["acme"]
    t.tenants["bold"] = dict(acme, tenant="bold", books=dict(
        acme["books"], administration="1"))
    t.configure()
    t.rotate("bold", "books", "token=token\n", "--unproven")
    new_key(t, "next.key")
    acme = ring(t)
    move(t, "file:next.key").must(0)
    put(t, "store/keys/acme.ring", acme)
    t.ok("sync", "acme")
    t.run("check", "--offline", "bold")
    os.rename(t.path("next.key"), t.path("away.key"))
    has(t.run("sync").must(78).err, "S770")
    os.rename(t.path("away.key"), t.path("next.key"))
    move(t, "file:next.key").must(0)
    holds(ring(t) != acme, "it was not finished")
    t.conf["master_key"] = "file:next.key"
    t.configure()
    del t.tenants["bold"]
    os.unlink(t.path("tenants.d/bold.yaml"))
    again(t, made)


def case_move_planted(t):
    """Who can write in the store can't have a command run."""
    half(t, 2)
    t.write("store/keys/master.next", "command:touch " + t.path("planted"))
    t.ok("sync")
    holds(not os.path.exists(t.path("planted")), "it was run")


def case_not_a_file(t):
    half(t, 2)
    t.conf["master_key"] = "command:cat " + t.path("master.key")
    t.configure()
    r = t.run("rotate-credentials", "--master-key").must(64)
    has(r.err, "--to")
    for place, word in (("file:none", "S510"), ("plain", "S510"),
                        ("command:false", "S510")):
        has(move(t, place).must(78).err, word)
    t.ok("sync")


def waits(pid):
    """For a lock."""
    with open("/proc/locks", encoding="ascii") as f:
        return any("->" in line and str(pid) in line.split() for line in f)


def both(t, *places):
    """Two changes at once: their exit codes."""
    lock = os.open(t.path("store/keys"), os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    runs = [t.start("rotate-credentials", "--master-key", *place)
            for place in places]
    for run in runs:
        until(lambda r=run: waits(r.pid), "waiting")
    os.close(lock)
    return sorted(run.end().code for run in runs)


def case_two_at_once(t):
    """The second begins with what the first made."""
    made = half(t)
    same(both(t, (), ()), [0, 0], "exits")
    t.ok("sync")
    new_key(t, "a.key")
    new_key(t, "b.key", "cd")
    same(both(t, ("--to", "file:a.key"), ("--to", "file:b.key")), [0, 78],
         "exits")
    again(t, made)


def case_end_meanwhile(t):
    """A tenant's end waits for a change of the master key, which would write
    its ring anew."""
    acme = t.make(plain(2))
    t.ok("sync")
    t.run("purge").must(0)		# makes the operator's ring
    acme["contract"]["end"] = "2025-01-31"
    t.configure()
    lock = os.open(t.path("store/keys"), os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    run = t.start("purge")
    until(lambda: waits(run.pid), "waiting")
    holds(os.path.exists(t.path("store/keys/acme.ring")), "it is gone")
    os.close(lock)
    has(run.end().err, "S721")
    holds(not os.path.exists(t.path("store/keys/acme.ring")), "still there")
    t.ok("rotate-credentials", "--master-key")


def case_strange_ring(t):
    """One that can't be opened is found before another is changed."""
    made = half(t)
    whole = ring(t)
    for bad, code, word in ((whole[:-1], 74, "S509"),
                            (whole[:8] + b"otherkey" + whole[16:], 78, "S511")):
        put(t, "store/keys/zulu.ring", bad)
        for args in ((), ("--dry-run",)):
            has(t.run("rotate-credentials", "--master-key", *args)
                .must(code).err, "zulu.ring")
        same(ring(t), whole, "the good one")
        os.unlink(t.path("store/keys/zulu.ring"))
        t.ok("rotate-credentials", "--master-key")
        whole = ring(t)
    again(t, made)


def case_under_way(t):
    """The master key is replaced while a sync with many tenants runs: those
    whose turn comes later find the new one."""
    t.make(plain(2))
    other = t.fake_books()
    t.tenant("zulu", shop=t.fake_shop(plain(3)), books=other)
    t.conf["parallel"] = 1
    t.configure()
    t.books.fault("hang", n=1, seconds=1, match="")
    run = t.start("sync")
    until(lambda: any(r["fault"] for r in t.books.dump()["requests"]),
          "the request")
    t.ok("rotate-credentials", "--master-key")
    r = run.end()
    holds("S511" not in r.err, "it is lost: " + r.err)
    same(len(other.dump()["documents"]), 3, "sales of the second tenant")


# --- a tenant's key ---

def reseal(t, *args):
    return t.run("rotate-credentials", "--tenant-key", *args)


def case_tenant_key(t):
    """Everything is sealed anew, and nothing booked again."""
    made = half(t)
    before, was = ring(t), t.path("store/tenants/acme/data.mdb")
    shutil.copy(was, t.path("old.mdb"))
    same(reseal(t, "--dry-run").must(0).err, "", "what it says")
    same(ring(t), before, "the ring after a dry run")
    t.ok("rotate-credentials", "--tenant-key")
    holds(ring(t) != before and len(ring(t)) == len(before), "no new ring")
    again(t, made)
    t.ok("rotate-credentials", "--tenant-key", "acme")
    t.ok("sync")
    # The new ring opens nothing of before.
    shutil.copy(was, t.path("new.mdb"))
    shutil.copy(t.path("old.mdb"), was)
    has(t.run("sync").must(74).err, "S512")
    shutil.copy(t.path("new.mdb"), was)
    t.ok("sync")
    has(reseal(t, "nobody").must(78).err, "nobody")


def case_tenant_key_locked(t):
    """Not while a run holds the tenant; the others are done."""
    t.make(plain(2))
    t.tenant("zulu", shop=t.fake_shop(plain(3)), books=t.fake_books())
    t.ok("sync", "zulu")
    t.ok("sync", "acme")
    zulu, acme = ring(t, "zulu"), ring(t)
    with open(t.path("store/tenants/acme.lock"), "rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)	# as a run does
        has(reseal(t).must(75).err, "S105")
    same(ring(t), acme, "the ring of the one that is held")
    holds(ring(t, "zulu") != zulu, "the other was not done")
    t.ok("rotate-credentials", "--tenant-key")
    t.ok("sync")


def case_tenant_key_full(t):
    """However much is left on the disk: nothing is lost, the next run goes
    on, and other commands read and write meanwhile."""
    made = plain(40)
    small_disk(t, made)
    t.ok("sync")
    stopped = 0
    for leave in range(0, 400000, 16384):
        fill(t, leave)
        r = reseal(t, "acme")
        holds(r.code in (0, 74), "exit %r" % r)
        if r.code == 74:
            stopped += 1
            holds("S503" in r.err or "S501" in r.err, r.err)
        os.unlink(t.path("store/filler"))
        t.ok("sync")
    holds(stopped > 1, "the disk was never full")
    t.ok("rotate-credentials", "--tenant-key", "acme")
    expect.same_books(t.books.dump(), made)


def case_tenant_key_killed(t):
    """Also with a new master key in between."""
    made = half(t, 200)
    size = len(ring(t))
    run = t.start("rotate-credentials", "--tenant-key")
    until(lambda: len(ring(t)) != size, "the second key")
    run.kill()
    run.end()
    has(t.run("check", "--offline").must(1).err,
        "salesync rotate-credentials --tenant-key acme [S778]")
    t.run("audit").must(0)
    t.run("purge").must(0)
    t.ok("rotate-credentials", "--master-key")
    t.ok("sync")
    t.ok("rotate-credentials", "--tenant-key")
    same(t.run("check", "--offline").must(0).err, "", "what check says")
    same(len(ring(t)), size, "the ring's length: two keys")
    again(t, made)


# --- logins ---

def login(t, given, *args):
    return t.run("rotate-credentials", "--login", EMAIL, *args, given=given)


def case_login(t):
    t.init()
    t.tenants["acme"] = {
        "tenant": "acme", "contract": {"start": "2024-01-01"},
        "customer": {"name": "Acme B.V.", "country": "NL"},
        "sources": {"till": {"connector": "folder", "path": "sales"}},
        "books": {"connector": "journal", "file": "books.journal"}}
    t.configure()
    os.mkdir(t.path("sales"))
    same(login(t, GOOD + "\n", "--dry-run", "acme").must(0).out, "", "output")
    holds(not os.path.exists(t.path("store/operator")), "it was stored")
    has(login(t, "", "--forget").must(1).err,
        "there is no login of %s [S775]" % EMAIL)
    keys = [login(t, GOOD + "\n", *args).must(0).out.strip()
            for args in (("acme",), ("acme",))]
    same([len(k) for k in keys], [32, 32], "the keys")
    holds(keys[0] != keys[1], "the same key")
    has(login(t, GOOD + "\n").must(64).err, "another tenant's")
    nowhere(t, [GOOD, EMAIL, EMAIL.lower()] + keys)
    t.ok("rotate-credentials", "--tenant-key")
    t.ok("rotate-credentials", "--login", EMAIL.upper(), "--forget")
    has(login(t, "", "--forget").must(1).err, "S775")


def case_login_cut_short(t):
    """The old row's bytes go with the next purge."""
    t.init()
    login(t, GOOD + "\n").must(0)
    mark = t.path("store/operator/reload")
    with open(t.path("store/operator/data.mdb"), "rb") as f:
        old = os.fstat(f.fileno()).st_ino
    folder = os.open(t.path("store/operator"), os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_SH)		# somebody reads
    run = t.start("rotate-credentials", "--login", EMAIL, "--forget")
    until(lambda: os.path.exists(mark), "the mark")
    run.kill()
    run.end()
    os.close(folder)
    holds(os.path.exists(mark), "the mark is gone before the bytes")
    t.run("purge").must(0)
    holds(not os.path.exists(mark), "purge did not finish it")
    holds(os.stat(t.path("store/operator/data.mdb")).st_ino != old,
          "the old file is still there")


def case_login_refused(t):
    t.init()
    for given, code, word in (
            ("short1!A\n", 65, "fewer than 10"), ("\n", 65, "fewer"),
            ("", 64, "on standard input"), ("Welkom2026!\n", 65, "little"),
            ("x" * 600 + "\n", 64, "at most 128"),
            (GOOD + "\0x\n", 64, "at most 128"),
            (b"aB3-\xff\xfeghijk\n", 65, "UTF-8"),
            ("Jan.Jansen-12\n", 65, "little")):
        r = login(t, given).must(code)
        has(r.err, word)
        holds("Jan.J" not in r.err and "Welkom2" not in r.err, "an echo")
    for email in ("jan", "@x", "jan@", "a b@x", "a@b@c", "a@" + "x" * 300):
        r = t.run("rotate-credentials", "--login", email, given=GOOD)
        has(r.must(64).err, "not an email address")
    has(login(t, GOOD, "none").must(78).err, "none")
    has(login(t, GOOD, "a", "b").must(64).err, "one tenant")
    holds(not os.path.exists(t.path("store/operator")), "it was stored")


def typed(t, args, *lines):
    """At a terminal: its exit code, what it printed, what was seen."""
    ours, theirs = pty.openpty()
    run = subprocess.Popen(
        [t.binary, "-c", t.path("sync.yaml"), "rotate-credentials", *args],
        stdin=theirs, stdout=subprocess.PIPE, stderr=theirs, env=t.env)
    os.close(theirs)
    seen = b""
    for line in lines:
        while not seen.endswith(b": "):
            seen += os.read(ours, 1000)
        os.write(ours, line.encode() + b"\n")
        seen += os.read(ours, 1000)
    out = run.communicate(timeout=30)[0].decode().strip()
    try:
        while True:
            seen += os.read(ours, 1000)
    except OSError:
        os.close(ours)
    return run.returncode, out, seen.decode()


def case_login_typed(t):
    """Twice, and not shown."""
    t.init()
    code, out, seen = typed(t, ("--login", EMAIL), GOOD, GOOD)
    same((code, len(out)), (0, 32), "exit and key: " + seen)
    has(seen, "once more: ")
    holds(GOOD not in seen, "it is shown: " + seen)
    code, out, seen = typed(t, ("--login", EMAIL), GOOD, GOOD + "x")
    same((code, out), (64, ""), "exit and key")
    has(seen, "not the same")


def case_secrets_typed(t):
    """The secrets of a connection are asked for in the same way."""
    made = plain(2)
    t.make(made)
    t.rotate("acme", "shop", "consumer_secret=wrong\n", "--unproven")
    # the end of input is the end, and no key stops it without its echo
    for line, why in (("\x04", "input ended"), ("ck\x03", "input ended"),
                      ("ck\x1a_test", "control")):
        code, out, seen = typed(t, ("acme", "shop"), line)
        same((code, out), (64, ""), "exit and output: " + seen)
        has(seen, why)
    code, out, seen = typed(t, ("acme", "shop"), "ck_test", "cs_test")
    same((code, out), (0, ""), "exit and output: " + seen)
    has(seen, "consumer_secret of shop (")
    holds("ck_test" not in seen and "cs_test" not in seen, "shown: " + seen)
    t.ok("sync")
    expect.same_books(t.books.dump(), made)
