"""Chinese full-text search that finds compound queries.

Python side: a page is indexed under every word of jieba's dictionary, of the glossary, and of
``zh_terms.txt``, that occurs in its text. No statistics decide where words end, hence: a page is
indexed under a word if and only if it contains it.

Browser side (``zh_search.js``): a query is cut by longest match against the words of the index.
"""

import logging
from pathlib import Path

from sphinx.errors import ExtensionError
from sphinx.search.zh import SearchChinese

import glossary

try:
    import jieba
except ImportError as error:
    raise ExtensionError(
        "zh_search needs jieba, without which no Chinese word is indexed: pip install jieba"
    ) from error

HERE = Path(__file__).parent
WORDS = [word for term in glossary.read() for word in (term.chinese, *term.others)]
TERMS = [
    *(word for word in WORDS if not any(map(str.isascii, word))),
    *(HERE / "zh_terms.txt").read_text(encoding="utf-8").split(),
]

jieba.setLogLevel(logging.WARNING)
tokenizer = jieba.Tokenizer()


class SearchChineseTerms(SearchChinese):
    """Chinese search over all dictionary words of a text."""

    js_splitter_code = (HERE / "zh_search.js").read_text(encoding="utf-8")

    def init(self, options: dict[str, str]) -> None:
        """Teach jieba the terms of this book."""
        super().init(options)
        self.latin_terms = set()
        for term in TERMS:
            tokenizer.add_word(term)

    def split(self, input: str) -> list[str]:
        """Return every Chinese dictionary word and every Latin word of ``input``."""
        latin = self.latin1_letters.findall(input)
        self.latin_terms.update(latin)
        chinese = (word for word in tokenizer.cut(input, cut_all=True) if not word.isascii())
        return [*chinese, *latin]


def keep_cache_private(app):
    """Let jieba keep its cache in the build folder instead of the machine's temporary folder."""
    tokenizer.tmp_dir = str(app.doctreedir)


def setup(app):
    """Replace Sphinx's Chinese search; read every page again when the terms change."""
    app.add_search_language(SearchChineseTerms)
    app.add_config_value("zh_search_terms", TERMS, "env")
    app.connect("builder-inited", keep_cache_private)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
