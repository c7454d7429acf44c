#!/usr/bin/python3
"""manual.py [ROOT] - the manual against the code, both ways; the messages.

Every command, option, key, setting, secret, column and line type of the code
stands in its page, and what a page lists exists in the code.  In the pages a
command or key is an item ".It Cm name", an option ".It Fl -name" (or Fl Fl).
A page that is not there is a fault of its own, once.
"""
import os
import re
import subprocess
import sys

ROOT = sys.argv[1] if len(sys.argv) > 1 else "."
faults = []


def fault(path, line, text):
    faults.append("%s:%d: %s" % (path, line, text))


def read(path):
    full = os.path.join(ROOT, path)
    if not os.path.exists(full):
        return ""
    with open(full, encoding="utf-8") as f:
        return f.read()


def sources(*folders):
    for folder in folders:
        top = os.path.join(ROOT, folder)
        for name in sorted(os.listdir(top)) if os.path.isdir(top) else ():
            if name.endswith((".c", ".h")):
                yield folder + "/" + name, read(folder + "/" + name)


# --- what the code has ----------------------------------------------------

def commands():
    """{command: {option, ...}} from the tables of cmd/."""
    found = {}
    for _, text in sources("cmd"):
        for m in re.finditer(r"const struct command (\w+) = \{(.*?)\n\};",
                             text, re.S):
            name = re.search(r'\.name = "([^"]+)"', m.group(2))
            options = re.findall(r'\{\s*"([a-z][a-z-]*)",',
                                 m.group(2))
            for macro in re.findall(r"\b([A-Z][A-Z_]{3,})\b", m.group(2)):
                options += macro_options(macro)
            if name:
                found[name.group(1)] = set(options)
    return found


def macro_options(macro):
    for _, text in sources("cmd"):
        m = re.search(r"#define %s\b((?:[^\n]*\\\n)*[^\n]*)" % macro, text)
        if m:
            return re.findall(r'\{\s*"([a-z][a-z-]*)",', m.group(1))
    return []


def keys():
    """The keys of sync.yaml and of a tenant's file."""
    found = set()
    for _, text in sources("lib"):
        found |= set(re.findall(r'\.name = "(\w+)",\s*\.type = TYPED_', text))
    return found


def connectors():
    """{connector: {setting or secret, ...}} of those in the table."""
    table = set(re.findall(r"&(\w+)_connector", read("connectors/table.c")))
    found = {}
    for path, text in sources("connectors"):
        m = re.search(r'const struct connector (\w+)_connector = \{\s*'
                      r'\.name = "(\w+)"', text)
        if m and m.group(1) in table:
            found[m.group(2)] = set(
                re.findall(r'\{ \.name = "(\w+)"', text))
    return found


def words():
    """Every word that the code can print or knows by name."""
    found = set()
    for _, text in sources("lib", "connectors", "cmd"):
        found |= set(re.findall(r"[A-Za-z_][\w-]*", text))
    found |= set(re.findall(r"[A-Za-z_][\w-]*", read("lib/catalog.def")))
    return found


# --- what the pages have --------------------------------------------------

MACROS = {"Ns", "No", "Ar", "Op", "Oo", "Oc", "Pa", "Li", "Ic", "Cm", "Fl",
          "Em", "Sy", "Dq", "Sq", "Xc", "Xo", "Po", "Pc", "Pq", "Ap", "Ev"}


def marked(page, macro):
    """(word, line) of the words behind .Cm or behind Cm in another macro."""
    for n, line in enumerate(read(page).split("\n"), 1):
        if not line.startswith("."):
            continue
        on = False
        for token in line[1:].split():
            if token in MACROS or re.fullmatch(r"[A-Z][a-z]", token):
                on = token == macro or (on and token == "Fl")
            elif on and re.fullmatch(r"-?[A-Za-z][\w.-]*", token):
                yield token.lstrip("-"), n


def items(page, macro):
    """The same, of .It alone."""
    lines = read(page).split("\n")
    for word, n in marked(page, macro):
        if lines[n - 1].startswith(".It"):
            yield word, n


def there(page):
    if read(page):
        return True
    fault(page, 1, "the page is missing")
    return False


def has_all(page, macro, wanted, what):
    seen = set(w for w, _ in marked(page, macro))
    for name in sorted(wanted - seen):
        fault(page, 1, "%s %s is not described" % (what, name))


def knows_all(page, known):
    for name, line in items(page, "Cm"):
        if name not in known:
            fault(page, line, "%s exists nowhere in the code" % name)


def command_page():
    page = "man/salesync.1"
    table = commands()
    if not table or not there(page):
        return
    options = set().union(*table.values())
    has_all(page, "Cm", set(table), "command")
    has_all(page, "Fl", options, "option")
    for name, line in items(page, "Fl"):
        if len(name) > 1 and name not in options | {"help", "version"}:
            fault(page, line, "there is no option --%s" % name)
    for n, line in enumerate(read(page).split("\n"), 1):
        m = re.match(r"\.(?:Nm|Ic) salesync (?:.* )?Cm ([a-z-]+)", line)
        if m and m.group(1) not in table:
            fault(page, n, "there is no command %s" % m.group(1))


def other_pages(known):
    if there("man/sync.yaml.5"):
        has_all("man/sync.yaml.5", "Cm", keys(), "key")
        knows_all("man/sync.yaml.5", known)
    page = "man/salesync-connectors.7"
    if there(page):
        table = connectors()
        for name in sorted(table):
            if not re.search(r"^\.S[hs] .*\b%s\b" % name, read(page),
                             re.M | re.I):
                fault(page, 1, "connector %s has no section" % name)
            has_all(page, "Cm", table[name], "%s's" % name)
        knows_all(page, known)
    page = "man/salesync-stream.5"
    if there(page):
        columns = re.findall(r'\[COL_\w+\] = "(\w+)"',
                             read("connectors/folder_rows.c"))
        has_all(page, "Cm", set(columns), "column")
        knows_all(page, known)
    there("man/salesync-privacy.7")


def codes_in_pages(codes):
    for name in pages():
        for n, line in enumerate(read(name).split("\n"), 1):
            for code in re.findall(r"\bS[1-7]\d\d\b", line):
                if code not in codes:
                    fault(name, n, "there is no message %s" % code)


def pages():
    top = os.path.join(ROOT, "man")
    for name in sorted(os.listdir(top)) if os.path.isdir(top) else ():
        if re.search(r"\.[157]$", name):
            yield "man/" + name


def mandoc():
    names = list(pages())
    if not names:
        return
    try:
        out = subprocess.run(["mandoc", "-Tlint", "-Wwarning"] + names,
                             cwd=ROOT, capture_output=True, text=True)
    except FileNotFoundError:
        print("manual.py: mandoc is not installed; pages not linted",
              file=sys.stderr)
        return
    for line in out.stdout.split("\n"):
        m = re.match(r"mandoc: ([^:]+):(\d+):\d+: (.*)", line)
        if m:
            fault(m.group(1), int(m.group(2)), m.group(3))


# --- messages -------------------------------------------------------------

EXITS = {"0", "1", "64", "65", "69", "70", "74", "75", "77", "78"}
STRING = r'"(?:[^"\\]|\\.)*"'


def messages():
    """(id, code, exit, [five texts], line) of catalog.def."""
    text = read("lib/catalog.def")
    shape = re.compile(
        r"^MSG\((M_\w+),\s*\"(\w+)\",\s*LEVEL_\w+,\s*(\d+),\s*OWNER_\w+,"
        r"((?:\s*(?:%s\s*)+,?)+)\)" % STRING, re.M)
    for m in shape.finditer(text):
        texts = ["".join(s[1:-1] for s in re.findall(STRING, part))
                 for part in re.findall(r"(?:%s\s*)+" % STRING, m.group(4))]
        yield (m.group(1), m.group(2), m.group(3), texts,
               text.count("\n", 0, m.start()) + 1)


def catalog():
    path, seen, last = "lib/catalog.def", {}, ""
    used = set()
    for _, text in sources("lib", "connectors", "cmd"):
        used |= set(re.findall(r"\bM_[A-Z_0-9]+\b", text))
    found = list(messages())
    if len(found) != len(re.findall(r"^MSG\(", read(path), re.M)):
        fault(path, 1, "a message is not of the known form")
    for name, code, ex, texts, line in found:
        if code in seen or name in seen:
            fault(path, line, "%s or %s stands twice" % (name, code))
        seen[code] = seen[name] = line
        if not re.fullmatch(r"S[1-7]\d\d", code) or code < last:
            fault(path, line, "%s is no code, or out of order" % code)
        last = code
        if ex not in EXITS:
            fault(path, line, "%s is no exit code" % ex)
        if len(texts) != 5 or not all(t.strip() for t in texts):
            fault(path, line, "%s: sentence, cause and remedy must be "
                  "there, in both languages" % name)
        if name not in used:
            fault(path, line, "%s: nobody says it" % name)
    return set(code for _, code, _, _, _ in found)


codes = catalog()
known = words()
command_page()
other_pages(known)
codes_in_pages(codes)
mandoc()
for text in faults:
    print(text)
sys.exit(1 if faults else 0)
