#!/usr/bin/python3
"""The terms of retention, worked out once more from the texts of the law and
the promise alone; rule_test.c holds the program to it.

Lines: "due RULE DAY ZONE MOMENT", and "term KIND DAY YEAR-END END DUE" of
invoices; a moment is the first after the term, in seconds since 1970.
"""
import calendar
import datetime
import zoneinfo

DAY = datetime.timedelta(days=1)
FIRST = datetime.date(2025, 12, 31)
DAYS = 4 * 366
ZONES = ("Europe/Amsterdam", "Africa/Cairo", "UTC")
MONTHS = {"log files": 1, "details of errors": 2, "credentials": 2,
          "sales": 2, "debtors": 2, "keys": 2, "own customers": 2,
          "logins": 2, "certificates of purge": 24}
VISITS = 180
YEAR_ENDS = ((12, 31), (6, 30), (3, 31), (2, 29), (1, 31), (9, 15))


def length(year, month):
    return calendar.monthrange(year, month)[1]


def months_on(day, n):
    """The same-numbered day of a later month, or that month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + n, 12)
    return datetime.date(year, month + 1,
                         min(day.day, length(year, month + 1)))


def midnight(day, zone):
    """The first moment of a day; where midnight is skipped, what follows."""
    at = datetime.datetime(day.year, day.month, day.day,
                           tzinfo=zoneinfo.ZoneInfo(zone))
    return int(at.timestamp())


def year_end(day, month, number):
    """The end of the financial year that the day lies in."""
    for year in (day.year, day.year + 1):
        end = datetime.date(year, month, min(number, length(year, month)))
        if end >= day:
            return end


def invoice(kind, day, month, number):
    if kind == "oss":
        month, number = 12, 31
    years = 7 if kind == "ordinary" else 10
    last = months_on(year_end(day, month, number), 12 * years)
    return (midnight(last + DAY, ZONES[0]),
            midnight(months_on(last, 3) + DAY, ZONES[0]))


def main():
    for i in range(DAYS):
        day = FIRST + i * DAY
        for zone in ZONES:
            for rule, n in MONTHS.items():
                print("due", rule, day, zone, midnight(
                    months_on(day, n) + DAY, zone), sep="\t")
            print("due", "web visits", day, zone,
                  midnight(day + (VISITS + 1) * DAY, zone), sep="\t")
        for end in YEAR_ENDS:
            for kind in ("ordinary", "oss", "immovable"):
                print("term", kind, day, "%d-%d" % end,
                      *invoice(kind, day, *end), sep="\t")


main()
