"""The pytest front end: `pytest --bookproof` checks chapters like `bookproof check`.

This is imported by every pytest of the environment: what it needs is imported only where it is
asked for.
"""

from __future__ import annotations

import pytest

_WHAT = "collect the chapters of books, and check that their cells give what they say"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add how to ask for it."""
    parser.getgroup("bookproof").addoption("--bookproof", action="store_true", help=f"{_WHAT}.")
    parser.addini("bookproof", f"{_WHAT} (bool).", type="bool", default=False)


def pytest_configure(config: pytest.Config) -> None:
    """Begin, where it is asked for."""
    if config.getoption("--bookproof") or config.getini("bookproof"):
        from bookproof.pytest_books import Books

        config.pluginmanager.register(Books(config), "bookproof-books")
