"""New secrets in steps: proven, swapped, put back, gone after a day."""
import expect
from house import has, holds, plain, same


def rotate(t, *args, **how):
    return t.run("rotate-credentials", *args, **how)


def case_back(t):
    """The previous ones, proven first unless told otherwise."""
    made = plain(2)
    t.make(made)
    rotate(t, "--unproven", "acme", "books", given="token=wrong\n").must(0)
    same(t.run("sync").code, 77, "exit with a wrong token")
    t.ok("rotate-credentials", "--back", "acme", "books")
    t.ok("sync")
    expect.same_books(t.books.dump(), made)
    # what was in use has become the previous one, and does not work
    r = rotate(t, "--back", "acme", "books").must(77)
    has(r.err, "books of acme: the credentials are refused [S406]")
    same(len(r.err.splitlines()), 1, "lines: " + r.err)
    t.run("check", "acme").must(0)
    t.ok("rotate-credentials", "--back", "--unproven", "acme", "books")
    same(t.run("check", "acme").code, 77, "exit with the wrong one back")


def case_grace(t):
    """The previous ones stay for a day."""
    t.make(plain(1))
    rotate(t, "acme", "books", given="token=token\n").must(0)
    t.later("+23h", "rotate-credentials", "--dry-run", "--back", "acme",
          "books").must(0)
    r = t.later("+25h", "rotate-credentials", "--back", "acme", "books")
    same(r.code, 64, "exit: " + r.err)
    has(r.err, "there are no previous secrets")
    r = rotate(t, "--back", "acme", "books").must(64)
    t.ok("sync")


def case_purged(t):
    """The first purge after the day takes them; audit says that it is time."""
    t.make(plain(1))
    rotate(t, "acme", "books", given="token=token\n").must(0)
    t.later("+23h", "audit").must(0)
    t.later("+23h", "purge").must(0)
    t.run("rotate-credentials", "--dry-run", "--back", "acme",
          "books").must(0)
    r = t.later("+25h", "audit", "--json").must(1)
    has(r.err, "1 under the rule credentials are past their term [S725]")
    same([(x["count"], x["overdue"]) for x in r.json()
          if x["rule"] == "credentials"], [(4, 1)], "what audit says")
    r = t.later("+25h", "purge", "--json").must(0)
    same([(x["gone"], x["kept"]) for x in r.json()
          if x["rule"] == "credentials"], [(1, 3)], "what went")
    t.later("+25h", "audit").must(0)
    has(rotate(t, "--back", "acme", "books").must(64).err, "no previous")
    t.ok("sync")


def case_first_has_no_previous(t):
    t.make(plain(1))
    has(rotate(t, "--back", "acme", "books").must(64).err, "no previous")


def case_goes_on(t):
    """What could not be proven waits, and needs not be given again."""
    t.make(plain(1))
    rotate(t, "--unproven", "acme", "books", given="token=wrong\n").must(0)
    t.books.fault("refuse", match="", times=0, status=500, body={})
    r = rotate(t, "acme", "books", given="token=token\n").must(69)
    has(r.err, "S752")
    t.books.control(faults=[])
    same(t.run("sync").code, 77, "exit: the old one is in use")
    t.ok("rotate-credentials", "acme", "books")
    t.ok("sync")
    has(rotate(t, "acme", "books").must(64).err, "no secret was given")


def case_waits_a_day(t):
    t.make(plain(1))
    t.books.fault("refuse", match="", times=0, status=500, body={})
    rotate(t, "acme", "books", given="token=token\n").must(69)
    t.books.control(faults=[])
    r = t.later("+25h", "rotate-credentials", "acme", "books").must(64)
    has(r.err, "no secret was given")


def case_refused_leaves_nothing(t):
    """Refused ones are dropped at once."""
    t.make(plain(1))
    rotate(t, "acme", "books", given="token=wrong\n").must(77)
    has(rotate(t, "acme", "books").must(64).err, "no secret was given")
    # a wrong administration is no proof either
    t.tenants["acme"]["books"]["administration"] = "987654321"
    t.configure()
    r = rotate(t, "acme", "books", given="token=token\n").must(78)
    has(r.err, "S408")
    has(rotate(t, "acme", "books").must(64).err, "no secret was given")


def case_older_than(t):
    """Names and days of what is old; nothing of the secrets."""
    t.make(plain(1))
    same(t.run("rotate-credentials", "--older-than", "90d").must(0).out, "",
         "output")
    r = t.later("+91d", "rotate-credentials", "--older-than", "90d",
              "--json").must(1)
    rows = [(x["connection"], x["secret"], x["to_do"]) for x in r.json()]
    do = "salesync rotate-credentials acme "
    same(rows, [("shop", "consumer_key", do + "shop"),
                ("shop", "consumer_secret", do + "shop"),
                ("books", "token", do + "books")], "list")
    r = t.later("+91d", "rotate-credentials", "--older-than", "90d", "acme",
              "books").must(1)
    holds("ck_test" not in r.out and "shop" not in r.out, r.out)
    # of those given together, the one that stayed is as old as it was
    t.later("+80d", "rotate-credentials", "acme", "shop",
          given="consumer_secret=cs_test\n").must(0)
    r = t.later("+91d", "rotate-credentials", "--older-than", "90d",
              "--json", "acme", "shop").must(1)
    same([x["secret"] for x in r.json()], ["consumer_key"], "list")
    for args in (("90",), ("90d", "nobody"), ("90d", "acme", "till"),
                 ("90d", "acme", "shop", "x")):
        r = t.run("rotate-credentials", "--older-than", *args)
        holds(r.code in (64, 78), repr(r))
