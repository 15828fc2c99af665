"""The small lies that a good test must notice: single changes to one line of C++.

Only code is changed: comments, strings, directives and assertions stay as they are. The sources are
formatted, so a comparison has blanks around it and a template's brackets have none; that is what
tells ` < ` from `<`.
"""

import dataclasses
import re


@dataclasses.dataclass(frozen=True)
class Mutant:
    path: str  # of the file, from the root of the tree
    line: int  # from 1
    kind: str
    before: str  # the line, without its newline
    after: str


# What a line is replaced with, by pattern. Each match of a pattern is a mutant of its own.
REPLACEMENTS = [
    ("comparison", r" < ", [" <= ", " > "]),
    ("comparison", r" <= ", [" < "]),
    ("comparison", r" > ", [" >= ", " < "]),
    ("comparison", r" >= ", [" > "]),
    ("comparison", r" == ", [" != "]),
    ("comparison", r" != ", [" == "]),
    ("min or max", r"\bmin\(", ["max("]),
    ("min or max", r"\bmax\(", ["min("]),
    ("min or max", r"\bmin<", ["max<"]),
    ("min or max", r"\bmax<", ["min<"]),
    ("one off", r" \+ 1\b(?![\d'._])", ["", " + 2"]),
    ("one off", r" - 1\b(?![\d'._])", ["", " - 2"]),
    ("sign", r" \+ (?!1\b)", [" - "]),
    ("sign", r" - (?!1\b)", [" + "]),
    ("sign", r" \+= ", [" -= "]),
    ("sign", r" -= ", [" += "]),
    ("sign", r"\+\+(?=\w)", ["--"]),
    ("sign", r"--(?=\w)", ["++"]),
    ("and, or", r" && ", [" || "]),
    ("and, or", r" \|\| ", [" && "]),
]

# `if (…)` whose condition ends on its line: never taken, always taken.
IF = re.compile(r"\bif \((?!constexpr)(.*)\)( \{| return\b.*;| continue;| break;| [\w.>\-\[\]]+.*;)?$")
TERNARY = re.compile(r" \? ([^?:]+?) : ([^?:;,]+?)(?=[;,)]|$)")
# A statement that only stores something: dropped.
STORE = re.compile(r"^\s*[\w.\[\]>\-\(\)*]+ ([+\-|&^])?= [^;]*;$")

SKIPPED = re.compile(
    r"^\s*(#|//|/\*|\*|static_assert|HG_ASSERT|template|using |namespace|requires|concept|friend|public:|private:|case |default:)"
    r"|\boperator|= default|= delete|\bconstexpr std::|\.name = |\.doc = |\.summary = |\.guarantee = "
)


def _code_of(text):
    """The text with comments and literals blanked out, at equal length."""
    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])\'', re.S)
    return pattern.sub(lambda found: re.sub(r"[^\n]", "\x01", found.group()), text)


def _skippable(code_lines):
    """Numbers of the lines within assertions that go over several lines, or data of a catalog."""
    inside = set()
    depth = 0
    for number, line in enumerate(code_lines):
        if depth == 0 and re.search(r"\b(static_assert|HG_ASSERT)\(|(concept \w+ =)", line):
            depth = 1
        if depth:
            inside.add(number)
            if line.rstrip().endswith(";"):
                depth = 0
    return inside


def _of_line(code, line):
    """(kind, mutated line) for everything that can be changed in `line`; `code` is it blanked."""
    for kind, pattern, texts in REPLACEMENTS:
        for found in re.finditer(pattern, code):
            for text in texts:
                yield kind, line[: found.start()] + text + line[found.end() :]
    found = IF.search(code)
    if found and "\x01" not in code and _balanced(found.group(1)) and "= " not in found.group(1).replace("== ", "").replace("<= ", "").replace(">= ", "").replace("!= ", ""):
        begin, end = found.span(1)
        condition = line[begin:end]
        yield "guard dropped", f"{line[:begin]}false && ({condition}){line[end:]}"
        yield "branch swapped", f"{line[:begin]}!({condition}){line[end:]}"
    for found in TERNARY.finditer(code):
        a, b = (line[slice(*found.span(i))] for i in (1, 2))
        if _balanced(a) and _balanced(b):
            yield "branch swapped", f"{line[:found.start()]} ? {b} : {a}{line[found.end():]}"
    if STORE.match(code) and " : " not in code:
        yield "store dropped", re.sub(r"\S.*", ";", line, count=1)


def _balanced(text):
    depth = 0
    for c in text:
        depth += (c in "([{") - (c in ")]}")
        if depth < 0:
            return False
    return depth == 0


def mutants_of(path, text):
    """All mutants of a file, in the order of its lines."""
    lines = text.split("\n")
    code_lines = _code_of(text).split("\n")
    skipped = _skippable(code_lines)
    result = []
    for number, (line, code) in enumerate(zip(lines, code_lines)):
        code = re.sub(r"\x01+\s*$", "", code).rstrip()  # a comment behind the code
        if number in skipped or SKIPPED.search(line) or not code.strip("\x01 "):
            continue
        seen = {line}
        for kind, after in _of_line(code, line[: len(code)]):
            after += line[len(code) :]
            if after not in seen:
                seen.add(after)
                result.append(Mutant(path, number + 1, kind, line, after))
    return result


def spread(mutants, count):
    """`count` of them, evenly over the lines, so that no operator or place is favoured."""
    if len(mutants) <= count:
        return mutants
    return [mutants[i * len(mutants) // count] for i in range(count)]
