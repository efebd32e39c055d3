"""What holds for all tests."""

import os

import pytest
from tests.serving import hear_interrupts

from bookproof.telling import language

# bookproof speaks the language of who calls it; what tests expect of it is English.
LOCALE = {name: os.environ.get(name) for name in ("LC_ALL", "LANGUAGE")}
if language.from_environment(os.environ) != "en":
    os.environ["LC_ALL"] = "C.UTF-8"
    os.environ.pop("LANGUAGE", None)

hear_interrupts()


@pytest.fixture(scope="module")
def locale_of_the_book():
    """Have the locale in which the book was built: its kept runs depend on it."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in LOCALE.items():
            if value is None:
                patch.delenv(name, raising=False)
            else:
                patch.setenv(name, value)
        yield
