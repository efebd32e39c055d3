"""Ask for every page outside that a built site links to: `links.py SITE`.

A link is broken where there is no answer, or one that says that the page is not there. Hosts that
turn programs away, or are out of order today, are told apart: that says nothing of the link.
"""

import html
import re
import sys
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests

LINK = re.compile(r'<a\b[^>]*\bhref="(https?://[^"#]+)')
BROKEN = {404, 410, 451}
AGENT = "Mozilla/5.0 (link check of a book)"


def main(site):
    """Print what is wrong with each link, and where it stands; return the exit status."""
    pages = defaultdict(set)
    for path in sorted(site.rglob("*.html")):
        for link in LINK.findall(path.read_text("utf-8")):
            pages[html.unescape(link)].add(path.relative_to(site).as_posix())
    links = sorted(pages)
    with ThreadPoolExecutor(8) as pool:
        answers = dict(zip(links, pool.map(ask, links), strict=True))
    wrong = {link: answer for link, answer in answers.items() if answer != 200}
    broken = [link for link, answer in wrong.items() if answer in BROKEN or isinstance(answer, str)]
    for link, answer in wrong.items():
        word = "broken" if link in broken else "unclear"
        print(f"{word}: {link}: {answer}, on {', '.join(sorted(pages[link]))}")
    print(f"{len(links)} links, {len(broken)} broken, {len(wrong) - len(broken)} unclear")
    return 1 if broken else 0


def ask(link):
    """Return the status of the last of two answers, or what went wrong instead."""
    for _ in range(2):
        try:
            options = {"headers": {"User-Agent": AGENT}, "timeout": 30, "stream": True}
            with requests.get(link, **options) as response:
                answer = response.status_code
        except requests.RequestException as error:
            answer = type(error).__name__
        if answer == 200:
            break
    return answer


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
