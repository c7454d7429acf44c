"""Runs that meet each other, or are told to stop."""
import os
import signal

import expect
from house import has, holds, plain, same, until


def slow(t, n=6, seconds=2):
    """A run that is in the middle of booking."""
    made = plain(n)
    t.make(made)
    t.books.fault("hang", n=6, seconds=seconds)
    run = t.start("sync")
    until(lambda: any(r["fault"] for r in t.books.dump()["requests"]),
          "the request")
    return made, run


def case_two_at_once(t):
    made, first = slow(t)
    r = t.run("sync").must(75)
    same(len(r.err.splitlines()), 1, "lines of stderr: " + r.err)
    has(r.err, "another run holds tenant acme [S105]")
    holds(r.seconds < 1, "it waited %.1f s" % r.seconds)
    r = t.shell("$S pull | $S push")
    same(r.code, 75, "exit of a push")
    r = t.run("rotate-credentials", "acme", "books", given="token=token\n")
    same(r.code, 75, "exit of rotate-credentials")
    t.run("dedupe", "--repair").must(75)
    # to look is free, and purge only looks where nothing is due
    for what in (("status",), ("errors",), ("sync", "--dry-run"),
                 ("purge",)):
        t.run(*what).must(0)
    same(first.end().code, 0, "the first")
    expect.same_books(t.books.dump(), made)


def case_many_at_once(t):
    """Eight runs at the same moment."""
    made = plain(20)
    t.make(made)
    runs = [t.start("sync") for _ in range(8)]
    codes = sorted(r.end().code for r in runs)
    holds(codes[0] == 0 and set(codes) <= {0, 75}, "exits %r" % codes)
    expect.same_books(t.books.dump(), made)


def told(t, number):
    """It ends what it is at, says so, and a rerun goes on."""
    made, run = slow(t, 20, 1)
    run.kill(number)
    r = run.end()
    same(r.code, 75, "exit: " + r.err)
    has(r.err, "the run was ended by signal %d [S111]" % number)
    holds("S107" not in r.err, "a process was killed: " + r.err)
    some = len(t.books.dump()["documents"])
    holds(0 < some < 20, "%d documents when it ended" % some)
    t.books.control(faults=[])
    t.ok("sync")
    expect.same_books(t.books.dump(), made)


def case_terminated(t):
    told(t, signal.SIGTERM)


def case_interrupted(t):
    told(t, signal.SIGINT)


def case_parent_killed(t):
    """Its children end of themselves, and a rerun finishes."""
    made, run = slow(t, 10, 1)
    run.kill()
    same(run.end().code, -signal.SIGKILL, "its end")
    until(lambda: t.run("sync").code == 0, "a rerun")
    expect.same_books(t.books.dump(), made)


def case_group_terminated(t):
    """As a terminal or systemd does it: every process gets the signal."""
    made = plain(20)
    t.make(made)
    t.books.fault("hang", n=6, seconds=1)
    run = t.start("sync", detach=True)
    until(lambda: any(r["fault"] for r in t.books.dump()["requests"]),
          "the request")
    os.killpg(run.pid, signal.SIGTERM)
    r = run.end()
    same(r.code, 75, "exit: " + r.err)
    t.ok("sync")
    expect.same_books(t.books.dump(), made)


def case_standard_streams_closed(t):
    made = plain(2)
    t.make(made)
    r = t.shell("$S sync <&- >&- 2>&-; exit $?")
    same(r.code, 0, "exit")
    expect.same_books(t.books.dump(), made)


def case_cron(t):
    """From cron's bare environment, with nothing to say."""
    made = plain(3)
    t.make(made)
    r = t.shell("env -i HOME=/ SHELL=/bin/sh PATH=/usr/bin:/bin /bin/sh -c "
                "\"cd / && $S sync && $S purge && $S dedupe\" </dev/null")
    same((r.code, r.out, r.err), (0, "", ""), "cron's mail")
    expect.same_books(t.books.dump(), made)
    r = t.shell("env -i /bin/sh -c \"$S sync\"")
    same((r.code, r.out, r.err), (0, "", ""), "cron's mail")
    # other languages of the machine change no number and no word
    r = t.shell("LC_ALL=nl_NL.UTF-8 LANG=tr_TR.UTF-8 TZ=Asia/Tokyo $S sync")
    same((r.code, r.out, r.err), (0, "", ""), "cron's mail")


def case_zone_of_the_machine(t):
    """Days are the operator's, whatever TZ says."""
    made = plain(3)
    for order in made:
        order["date_created_gmt"] = order["date_created_gmt"][:10] + \
            "T23:30:00"
    t.make(made)
    t.ok("sync", env=dict(t.env, TZ="America/Los_Angeles"))
    days = {d["invoice_date"] for d in t.books.dump()["documents"]}
    same(len(days), 1, "days")
    holds(days.pop() > made[0]["date_created_gmt"][:10],
          "23:30 UTC is the next day in Amsterdam")
