#!/usr/bin/python3
"""manual_code.py [ROOT [BUILD]] - the manual against what the program says.

manual.py reads the source; this one asks the built binary, and looks at what
stands where: each command's section has that command's options and no
others, each connector's section its own settings and secrets with their
presets, EXIT STATUS every exit code, DIAGNOSTICS every message word for
word; salesync-privacy(7) has every table and retention rule; README.md names
only files, functions and targets that are there.  Prints FILE:LINE: what is
wrong, and exits 1 when there is anything.

manual_code.py --codes BUILD prints the list for DIAGNOSTICS instead.
"""
import json
import os
import re
import subprocess
import sys
import textwrap

GROUPS = {"1": "the run", "2": "sales that are refused or held",
          "3": "the shop", "4": "the books, and any remote",
          "5": "the store and its keys", "6": "the configuration",
          "7": "what was done"}
# Always there, whatever the table of a connector says.
COMMON = {"url", "ca_file", "proxy", "timeout", "rate", "since", "overlap",
          "timezone"}

faults = []


def fault(page, line, text):
    faults.append("man/%s:%d: %s" % (page, line, text))


def ask(*args):
    done = subprocess.run([BINARY] + list(args), capture_output=True,
                          text=True, check=False)
    if done.returncode != 0:
        sys.exit("manual_code.py: salesync %s ended with %d: %s" %
                 (" ".join(args), done.returncode, done.stderr))
    return done.stdout


# --- the pages ------------------------------------------------------------

class Page:
    """Lines of a page, and where its sections begin and end."""

    def __init__(self, root, name):
        self.name = name
        with open(os.path.join(root, "man", name), encoding="utf-8") as f:
            self.lines = f.read().split("\n")

    def section(self, title, sub=None):
        """(number, line) of a section, or of a subsection in it."""
        start = self.find(".Sh " + title, 0, len(self.lines))
        if start is None:
            return []
        end = self.find(".Sh ", start + 1, len(self.lines)) or len(self.lines)
        if sub is not None:
            start = self.find(".Ss " + sub, start, end)
            if start is None:
                return []
            end = self.find(".Ss ", start + 1, end) or end
        return [(n + 1, self.lines[n]) for n in range(start + 1, end)]

    def find(self, head, start, end):
        for n in range(start, end):
            if self.lines[n] == head or (
                    head.endswith(" ") and self.lines[n].startswith(head)):
                return n
        return None

    def subsections(self, title):
        return [(line[4:], n) for n, line in self.section(title)
                if line.startswith(".Ss ")]


def plain(lines):
    """What a reader sees, roughly: macros and their punctuation gone."""
    text = " ".join(line for _, line in lines)
    text = re.sub(r"\\&|\\-", lambda m: m.group(0)[1:].strip("&"), text)
    text = re.sub(r"(?:^|(?<= ))\.?[A-Z][a-z](?= |$)", " ", text)
    return re.sub(r"\s+", " ", text)


# --- commands -------------------------------------------------------------

def help_options(command):
    """{option: its value, or ""} as help prints them."""
    found = {}
    for line in ask("help", command).split("\n"):
        m = re.match(r"  --([a-z-]+)(?: ([A-Z][A-Z:]*))?  ", line + "  ")
        if m:
            found[m.group(1)] = (m.group(2) or "").lower()
    return found


def page_options(lines, heads):
    """The same of a section: of its list, or of its synopsis."""
    found = {}
    for n, line in lines:
        if line.startswith(".It Fl -") != heads:
            continue
        for m in re.finditer(r"\bFl -([a-z][a-z-]*)((?: Ar [a-z]+(?: : Ns "
                             r"Ar [a-z]+)?)?)", line):
            value = re.sub(r" (?:Ar|Ns)\b| ", "", m.group(2))
            found[m.group(1)] = (value, n)
    return found


def one_command(page, command):
    lines = page.section("COMMANDS", command)
    wanted = help_options(command)
    if not lines:
        fault(page.name, 1, "there is no section .Ss %s" % command)
        return
    top = lines[0][0]
    listed = page_options(lines, True)
    end = next((i for i, (_, l) in enumerate(lines) if l == ".Ed"), 0)
    usage = page_options(lines[:end], False)
    for name in sorted(set(wanted) - set(listed)):
        fault(page.name, top, "%s: --%s is not described" % (command, name))
    for name in sorted(set(wanted) - set(usage)):
        fault(page.name, top, "%s: --%s is not in the synopsis" %
              (command, name))
    for where in (listed, usage):
        for name, (value, n) in where.items():
            if name not in wanted:
                fault(page.name, n, "%s has no --%s" % (command, name))
            elif value != wanted[name]:
                fault(page.name, n, "--%s of %s takes \"%s\", not \"%s\"" %
                      (name, command, wanted[name], value))


def commands(page):
    table = re.findall(r"^  ([a-z][a-z-]+) {2,}[A-Z]", ask("help"), re.M)
    if len(table) < 5:
        fault(page.name, 1, "salesync help lists too few commands")
    for name in table:
        one_command(page, name)
    for name, n in page.subsections("COMMANDS"):
        if name not in table:
            fault(page.name, n, "there is no command %s" % name)


# --- exit codes and messages ----------------------------------------------

def exit_codes(root):
    with open(os.path.join(root, "lib", "catalog.c"), encoding="utf-8") as f:
        m = re.search(r"exits\[\] = \{([^}]*)\}", f.read())
    return [int(c) for c in m.group(1).split(",")]


def check_exits(page, root, messages):
    codes = exit_codes(root)
    lines = page.section("EXIT STATUS")
    listed = {int(l[4:]): n for n, l in lines
              if re.fullmatch(r"\.It \d+", l)}
    top = lines[0][0] if lines else 1
    for code in sorted(set(codes) - set(listed)):
        fault(page.name, top, "exit code %d is not listed" % code)
    for code in sorted(set(listed) - set(codes)):
        fault(page.name, listed[code], "no run ends with %d" % code)
    for m in messages:
        if m["exit"] not in codes:
            fault(page.name, top, "%(code)s brings exit %(exit)d" % m)
    order = " < ".join(str(c) for c in codes)
    if order not in plain(lines):
        fault(page.name, top, "the order is not " + order)


def diagnostics(messages):
    """The lines of mdoc that list all messages."""
    out, group = [], None
    for m in messages:
        if m["code"][1] != group:
            if group is not None:
                out.append(".El")
            group = m["code"][1]
            out += [".Ss S%s: %s" % (group, GROUPS[group]),
                    ".Bl -tag -width Ds"]
        out.append(".It %s Pq %d, %s" % (m["code"], m["exit"],
                                         m["en"]["owner"]))
        out += textwrap.wrap(m["text"], 78, break_long_words=False,
                             break_on_hyphens=False)
    return out + [".El"]


def check_diagnostics(page, messages):
    lines = page.section("DIAGNOSTICS")
    start = next((i for i, (_, l) in enumerate(lines)
                  if l == '.\\" codes'), None)
    if start is None:
        fault(page.name, 1, 'DIAGNOSTICS has no line .\\" codes')
        return
    have, want = lines[start + 1:], diagnostics(messages)
    for i, (n, line) in enumerate(have):
        if i >= len(want) or line != want[i]:
            fault(page.name, n, "not as the catalogue has it; put in what "
                  "manual_code.py --codes prints")
            return
    if len(have) < len(want):
        fault(page.name, lines[-1][0], "the list ends before " +
              want[len(have)])


# --- connectors -----------------------------------------------------------

def connector_words(name):
    """({setting: preset}, {secret, ...}, the other facts) as printed."""
    settings, secrets, facts, where = {}, set(), [], None
    for line in ask("connectors", name).split("\n"):
        if line.startswith("Settings:"):
            where = settings
        elif line.startswith("Secrets"):
            where = secrets
        elif where is None:
            facts.append(line)
        m = re.match(r"  (\w+) {2,}(.*)", line)
        if m and where is settings:
            preset = re.search(r"; preset (.*)$|^(https:.*)$", m.group(2))
            settings[m.group(1)] = preset and (preset.group(1) or
                                               preset.group(2))
        elif m and where is secrets:
            secrets.add(m.group(1))
    return settings, secrets, " ".join(facts)


def one_connector(page, kind, name):
    lines = page.section(kind, name)
    if not lines:
        fault(page.name, 1, "%s is not under .Sh %s" % (name, kind))
        return
    top = lines[0][0]
    settings, secrets, facts = connector_words(name)
    listed = {}
    for n, line in lines:
        for word in re.findall(r"\w+", line[7:] if
                               line.startswith(".It Cm ") else ""):
            listed[word] = n
    for word in sorted(set(settings) | secrets):
        if word not in listed:
            fault(page.name, top, "%s: %s is not described" % (name, word))
    for word in sorted(set(listed) - set(settings) - secrets - COMMON):
        fault(page.name, listed[word], "%s has no %s" % (name, word))
    seen = plain(lines)
    for word, preset in sorted(settings.items()):
        words = "Preset: %s" % preset
        if preset and words.replace(" ,", ",") not in \
                seen.replace(" ,", ","):
            fault(page.name, top, "%s: %s is %s unless set, which is not "
                  "said" % (name, word, preset))
    check_facts(page, top, name, facts, seen)


def check_facts(page, top, name, facts, seen):
    """Maturity, and for books what decides how a lost answer is settled."""
    wanted = [re.search(r"maturity (\w+)", facts).group(1)]
    m = re.search(r"class (\w), found again after at most (\d+) s, (\d+) "
                  r"requests a minute, reference of (\d+)", facts)
    if m:
        wanted += ["Class " + m.group(1), m.group(2) + " seconds",
                   m.group(4) + " characters"]
        wanted += [m.group(3) + " requests"] if m.group(3) != "0" else []
    for words in wanted:
        if words not in seen:
            fault(page.name, top, "%s: \"%s\" is not said" % (name, words))


def connectors(root):
    page = Page(root, "salesync-connectors.7")
    table = json.loads(ask("connectors", "--json"))
    kinds = {"source": "SOURCES", "books": "BOOKS"}
    for row in table:
        one_connector(page, kinds[row["kind"]], row["name"])
    names = set(row["name"] for row in table)
    for kind in kinds.values():
        for name, n in page.subsections(kind):
            if name not in names:
                fault(page.name, n, "there is no connector %s" % name)


# --- what is kept ---------------------------------------------------------

def until(rule):
    return "%(term)s, from %(from)s" % rule


def retention(root):
    """The rules of salesync-privacy(7) and of README.md are the code's."""
    rules = json.loads(ask("audit", "--rules", "--json"))
    page = Page(root, "salesync-privacy.7")
    lines = page.section("UNTIL WHEN")
    listed = [(l[7:], i) for i, (_, l) in enumerate(lines)
              if l.startswith(".It Sy ")]
    top = lines[0][0] if lines else 1
    if [name for name, _ in listed] != [r["rule"] for r in rules]:
        fault(page.name, top, "the rules are, in this order: " +
              ", ".join(r["rule"] for r in rules))
        return
    for r, (_, i) in zip(rules, listed):
        want = textwrap.wrap("Of the %(whose)s: %(holds)s." % r, 78) + \
            textwrap.wrap("Form: %(form)s." % r, 78) + \
            textwrap.wrap(until(r)[0].upper() + until(r)[1:] + ".", 78)
        have = [l for _, l in lines[i + 1:i + 1 + len(want)]]
        if have != want:
            fault(page.name, lines[i][0], "the code says:\n" +
                  "\n".join(want))
    with open(os.path.join(root, "README.md"), encoding="utf-8") as f:
        have = f.read().split("\n")
    for r in rules:
        row = "| %s | %s | %s | %s |" % (r["rule"], r["holds"], r["form"],
                                         until(r))
        if row not in have:
            faults.append("README.md:1: this row is missing: " + row)


def tables(root):
    """The store has the tables of the page, and no others."""
    page = Page(root, "salesync-privacy.7")
    lines = page.section("WHAT IS KEPT")
    listed = {l[4:]: n for n, l in lines
              if re.fullmatch(r"\.It [a-z]+", l)}
    with open(os.path.join(root, "lib", "env.c"), encoding="utf-8") as f:
        names = set(re.findall(r'\[(?:ENV|OPERATOR)_\w+\] = '
                               r'"(\w+)"', f.read()))
    top = lines[0][0] if lines else 1
    for name in sorted(names ^ set(listed)):
        fault(page.name, listed.get(name, top),
              "the table %s stands on one side only" % name)


def readme(root):
    def read(*path):
        with open(os.path.join(root, *path), encoding="utf-8") as f:
            return f.read()
    makefile = read("Makefile")
    for n, line in enumerate(read("README.md").split("\n"), 1):
        last = ""
        for word in re.findall(r"`([^`]+)`", line) + \
                re.findall(r"^make \w+", line):
            made = re.match(r"make (\w+)", word)
            if re.match(r"(lib|cmd|connectors)/", word):
                last = word
                if not os.path.exists(os.path.join(root, word)):
                    faults.append("README.md:%d: no %s" % (n, word))
            elif made and not re.search(r"^%s:" % made.group(1), makefile,
                                        re.M):
                faults.append("README.md:%d: no target %s" %
                              (n, made.group(1)))
            elif last.endswith(".c") and re.fullmatch(r"[a-z_]+", word) and \
                    os.path.exists(os.path.join(root, last)) and \
                    not re.search(r"^%s\(" % word, read(last), re.M):
                faults.append("README.md:%d: no %s in %s" % (n, word, last))


def main():
    messages = json.loads(ask("explain", "--json"))
    if sys.argv[1:2] == ["--codes"]:
        print("\n".join(diagnostics(messages)))
        return
    page = Page(ROOT, "salesync.1")
    commands(page)
    check_exits(page, ROOT, messages)
    check_diagnostics(page, messages)
    connectors(ROOT)
    retention(ROOT)
    tables(ROOT)
    readme(ROOT)
    for text in faults:
        print(text)
    sys.exit(1 if faults else 0)


if sys.argv[1:2] == ["--codes"]:
    ROOT, BUILD = ".", sys.argv[2] if len(sys.argv) > 2 else "build"
else:
    ROOT = sys.argv[1] if len(sys.argv) > 1 else "."
    BUILD = sys.argv[2] if len(sys.argv) > 2 else os.path.join(ROOT, "build")
BINARY = os.path.join(BUILD, "salesync")
main()
