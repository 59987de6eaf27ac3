"""What a translation may not change: numbers, claims, citations, links, formulas, code, HTML.

They are the same in every language; numbers and claims as often as they stand in the message. Their
order is free, and code or a formula may be named once more.
"""

import re
from collections import Counter

ROLE = re.compile(r"\{(?P<role>[\w:-]+)\}`(?P<content>[^`]*)`")
LINK = re.compile(r"\]\((?P<target>[^)]*)\)")
MATH = re.compile(r"\$\$?(?!\{)[^$]+\$\$?")
CODE = re.compile(r"(?<!`)`([^`]+)`(?!`)")
PLACEHOLDER = re.compile(r"\$?\{[^{}]*\}|%[sd]|\[[A-Z_]+\]")
HTML = re.compile(r"<[A-Za-z/!?][^<>]*>?")  # and an address between such brackets
CELLS = re.compile(r"(?<![\\|{])\|(?!\|)")
# Words between quotes and widths of columns may be others.
FREE = re.compile(r"\"[^\"]*\"|'[^']*'|`[^`]*`|:[^:{}]*(?=\}$)")
FOREIGN_LETTERS = re.compile(r"[\u3400-\u9fff]")


def bound(text: str) -> Counter[str]:
    """What is bound in a message, and how often.

    Example:
        >>> sorted(bound("{claim}`低了 <costs>` {glue:text}`cost`，见[](a.md)"))
        ['a link to a.md', '{claim} costs', '{glue:text} cost']
    """
    found: Counter[str] = Counter()
    for role in ROLE.finditer(text):
        target = re.search(r"<([^<>]*)>$", role["content"])
        found[f"{{{role['role']}}} {target[1] if target else role['content']}"] += 1
    text = ROLE.sub("", text)
    found.update(f"a link to {link['target']}" for link in LINK.finditer(text))
    text = LINK.sub("]", text)
    found.update(f"the formula {FOREIGN_LETTERS.sub('', each)}" for each in MATH.findall(text))
    text = MATH.sub("", text)
    if "${" not in text:  # in JavaScript, such quotes are around a text in a text
        found.update(f"`{code}`" for code in CODE.findall(text))
        text = CODE.sub("", text)
    found.update("the sign |, which parts cells" for _ in CELLS.findall(text))
    found.update(f"the HTML {tag}" for tag in HTML.findall(text))
    for match in PLACEHOLDER.finditer(text):
        found[f"the placeholder {FREE.sub('', match[0])}"] += 1
    return found


def faults(message: str, translation: str) -> list[str]:
    """Where a translation is bound to other things than its message, in words.

    Example:
        >>> faults("{glue:text}`cost`，`a`", "{glue:text}`gain`, `a`")
        ['leaves out {glue:text} cost', 'adds {glue:text} gain']
        >>> faults("见 `a`", "see `a")
        ['has a role or code that is not closed', 'leaves out `a`']
    """
    wanted, given = bound(message), bound(translation)
    found = ["has a role or code that is not closed"] if translation.count("`") % 2 else []
    if re.search(r"(?<!\\)(?:\\\\)*\\$", translation):
        found.append("ends in a backslash, which would take along what stands behind it")
    if "\n" in translation and "\n" not in message:
        found.append("has more than one line")
    found += [f"leaves out {thing}" for thing in wanted if not given[thing]]
    found += [f"adds {thing}" for thing in given if not wanted[thing]]
    found += [
        f"has {thing} {given[thing]} times instead of {times}"
        for thing, times in wanted.items()
        if thing.startswith("{") and given[thing] not in {0, times}
    ]
    return found
