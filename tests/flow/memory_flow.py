"""What others could read of a process: its memory, as only root can look, its
environment and arguments, and what it hands to a child."""
import base64
import os

import house
from house import has, holds, plain, same, until
from secret_flow import KEY, SECRET, TOKEN, below, canary

NOBODY = 65534


def hang(t, **more):
    t.books.fault("hang", n=1, seconds=3, **more)


def hanging(t):
    until(lambda: any(r["fault"] for r in t.books.dump()["requests"]),
          "the request")


def as_root(why):
    if os.geteuid() != 0:
        raise house.Skip("needs root, " + why)
    if house.SLOW > 1:
        raise house.Skip("a checker has memory and files of its own")


def memory(pid):
    """All of it that can be read."""
    parts = []
    with open("/proc/%d/maps" % pid, encoding="ascii") as f:
        places = [line.split() for line in f]
    with open("/proc/%d/mem" % pid, "rb", buffering=0) as f:
        for place in places:
            start, end = (int(n, 16) for n in place[0].split("-"))
            if "r" not in place[1] or place[-1] in ("[vvar]", "[vsyscall]"):
                continue
            try:
                f.seek(start)
                parts.append(f.read(end - start))
            except (OSError, OverflowError):
                continue
    whole = b"".join(parts)
    holds(b"SSRING1" in whole, "this is not its memory")
    return whole


def case_parts(t):
    """The parent of a sync has no credential, the two others each their own;
    the text of the master key is in none."""
    as_root("to look into a process")
    canary(t, plain(200))		# more than a pipe holds
    master = t.read("master.key").strip()
    hang(t)
    run = t.start("sync")
    hanging(t)
    seen = {pid: memory(pid) for pid in [run.pid] + below(run.pid)}
    same(len(seen), 3, "processes")
    for word, most in ((KEY, 1), (SECRET, 1), (TOKEN, 1), (master, 0)):
        have = [pid for pid in seen if word.encode() in seen[pid]]
        holds(len(have) <= most and run.pid not in have,
              "%s in %d of them" % (word, len(have)))
        holds(most == 0 or have, "%s is nowhere: do we look?" % word)
    token, key = ([pid for pid in seen if w.encode() in seen[pid]]
                  for w in (TOKEN, KEY))
    holds(token != key, "both in one process")
    run.kill()
    run.end()


def case_wiped(t):
    """check does one tenant after the other: while it waits for the second,
    nothing is left of the first one's."""
    as_root("to look into a process")
    canary(t, plain(2))
    other = t.fake_books("--token", "token")
    shop = t.fake_shop(plain(2))
    t.tenant("zulu", shop=shop, books=other)
    t.books = other
    hang(t, match="")
    run = t.start("check")
    hanging(t)
    seen = memory(run.pid)
    basic = base64.b64encode((KEY + ":" + SECRET).encode())[4:-4].decode()
    for word in (KEY, SECRET, TOKEN, basic):
        holds(word.encode() not in seen, "%s is still there, %d times" % (
            word, seen.count(word.encode())))
    holds(b"cs_test" not in seen, "of the shop of zulu")
    run.end()


def denied(pid, name):
    """Whether the user that it runs as may not read this of it."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            with open("/proc/%d/%s" % (pid, name), "rb") as f:
                f.read(1)
        except PermissionError:
            code = 0
        finally:
            os._exit(code)
    return os.waitpid(child, 0)[1] == 0


def case_closed_to_its_user(t):
    """Not even by those who run as the same user; and it leaves no core."""
    as_root("to be somebody else")
    canary(t, plain(200))
    for at in (t.certs, os.path.dirname(t.certs), os.path.dirname(t.dir)):
        os.chmod(at, 0o755)
    for at, folders, files in os.walk(t.dir):
        for name in folders + files + ["."]:
            os.chown(os.path.join(at, name), NOBODY, NOBODY)
    hang(t)
    run = t.start("sync", prefix=("/usr/bin/setpriv", "--reuid", str(NOBODY),
                                  "--regid", str(NOBODY), "--clear-groups"))
    hanging(t)
    ids = [run.pid] + below(run.pid)
    same(len(ids), 3, "processes")
    for pid in ids:
        for name in ("mem", "environ", "maps"):
            holds(denied(pid, name), "%s of %d can be read" % (name, pid))
        holds(not denied(pid, "cmdline"), "nobody can look at all")
        with open("/proc/%d/limits" % pid, encoding="ascii") as f:
            core = [x.split()[4:6] for x in f if x.startswith("Max core")]
        same(core, [["0", "0"]], "the limit of a core file")
    run.kill()
    run.end()


def case_command(t):
    """What gives the master key gets no secret, and nothing of ours."""
    canary(t, plain(2))
    t.write("give", "#!/bin/sh\n{ env; echo \"$@\"; ls /proc/self/fd; } >>"
            "%s\ncat %s\n" % (t.path("got"), t.path("master.key")))
    os.chmod(t.path("give"), 0o700)
    t.conf["master_key"] = "command:%s a b" % t.path("give")
    t.configure()
    env = dict(t.env, SSLKEYLOGFILE=t.path("keylog"), https_proxy="x")
    t.ok("sync", env=env)
    t.run("rotate-credentials", "acme", "books", env=env,
          given="token=%s\n" % TOKEN).must(0)
    got = t.read("got").split("\n")
    holds("a b" in got, "its words")
    same([x for x in got if x.isdigit()], ["0", "1", "2", "3"] * 2,
         "its files, and the one that ls has open")
    holds("KANARIE" not in t.read("got"), "a secret")
    names = {x.split("=")[0] for x in got if "=" in x}
    same(names - {"PATH", "HOME", "PWD", "_", "OLDPWD", "SHLVL"}, set(),
         "its environment")


def case_files_of_libraries(t):
    """Neither settings nor credentials that lie about for others."""
    made = plain(2)
    canary(t, made)
    t.write(".netrc", "default login x password KANARIE9\n")
    t.write(".curlrc", "proxy = \"http://127.0.0.1:9\"\ninsecure\n")
    t.write("ssl.cnf", "openssl_conf = none_of_these\n[none_of_these]\n"
            "providers = p\n[p]\nlegacy = l\n[l]\nmodule = /nowhere.so\n")
    t.ok("sync", env=dict(t.env, CURL_HOME=t.dir, OPENSSL_CONF=t.path(
        "ssl.cnf"), SSLKEYLOGFILE=t.path("keylog"), ALL_PROXY="http://x:9",
        OPENSSL_MODULES="/nowhere", CURL_CA_BUNDLE="/nowhere"))
    holds(not os.path.exists(t.path("keylog")), "TLS keys were written")
    sent = str(t.books.dump()["requests"])
    has(sent, "contacts", "what was asked")
    holds("KANARIE9" not in sent, "the password of .netrc was sent")
