"""Check that the cells of a book print what the book says."""

from __future__ import annotations

import pkgutil
import sys
from pathlib import Path

from bookproof import notes_parsers
from bookproof.arguments import Parser
from bookproof.authoring.refused import Refused
from bookproof.say import say
from bookproof.telling import language

EXIT_CODES = (
    "exit status: 0 all is as the book says; 1 something is not (or was refused); 2 bad usage "
    "or file; 130 interrupted or terminated"
)

EXTRAS = {
    "anyascii": "notes",
    "dask": "dask",
    "distributed": "dask",
    "lsprotocol": "lsp",
    "pygls": "lsp",
    "starlette": "serve",
    "uvicorn": "serve",
    "watchfiles": "serve",
}
"""What only some commands need, and by which extra it is installed."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    language.choose(language.asked(sys.argv[1:] if arguments is None else arguments))
    options = _parser().parse_args(arguments)
    language.choose(options.language)
    try:
        return pkgutil.resolve_name(options.command)(options)  # what it needs is imported now
    except ModuleNotFoundError as error:
        name = (error.name or "").partition(".")[0]
        if name not in EXTRAS:
            raise
        extra = f"'bookproof[{EXTRAS[name]}]'"
        said = f"this needs {name}, which is not installed: pip install {extra}"
        say(f"bookproof: {said}", sys.stderr)
        return 2
    except Refused as reason:
        say(f"bookproof: refused: {reason}", sys.stderr)
        return 1
    except ValueError as error:
        say(f"bookproof: {error}", sys.stderr)
        return 2
    except OSError as error:  # a file that cannot be written; all that is read has its own words
        say(f"bookproof: {error.filename} cannot be used: {error.strerror}", sys.stderr)
        return 2
    except KeyboardInterrupt:
        say("bookproof: interrupted", sys.stderr)
        return 130


def _parser() -> Parser:
    """Return what reads the command line, without what the commands themselves need."""
    parser = Parser("bookproof", description=__doc__, epilog=EXIT_CODES)
    subs = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, function: str, text: str) -> Parser:
        said = language.words()(text)
        sub = subs.add_parser(name, help=said, description=f"{text}.", epilog=EXIT_CODES)
        sub.set_defaults(command=f"bookproof.commands:{function}")
        return sub

    def takes_chapters(sub: Parser) -> None:
        sub.add_argument("chapters", nargs="*", type=Path, help="files (default: the whole book)")
        sub.add_argument("--root", type=Path, default=Path(), help="the book's folder (default .)")

    checks = command("check", "do_check", "run the chapters and compare their outputs")
    takes_chapters(checks)
    checks.add_argument("--json", type=Path, metavar="FILE", help="write verification.json here")
    checks.add_argument("--junit", type=Path, metavar="FILE", help="write JUnit XML here")
    checks.add_argument("--github", action="store_true", help="also print GitHub annotations")
    checks.add_argument("--shard", metavar="i/n", help="check only the i-th of n parts of the book")
    checks.add_argument(
        "--twice", action="store_true", help="run it again elsewhere; fail where outputs differ"
    )
    checks.add_argument("--dask", metavar="ADDRESS", help="run on the workers of this scheduler")

    accepts = command(
        "accept", "do_accept", "write new outputs into the {expect} blocks that differ"
    )
    takes_chapters(accepts)
    accepts.add_argument(
        "--force", action="store_true", help="also overwrite what git does not have"
    )
    accepts.add_argument(
        "--all", action="store_true", help="also propose an {expect} for every output that has none"
    )

    freezes = command("freeze", "do_freeze", "run chapters here and store their outputs for builds")
    freezes.add_argument("chapters", nargs="*", type=Path, help="default: all that are outdated")
    freezes.add_argument("--root", type=Path, default=Path(), help="the book's folder (default .)")
    freezes.add_argument(
        "--remove", action="store_true", help="remove what is stored; builds run them again"
    )

    lists = command(
        "list", "do_list", "list the chapters, with their cells and blocks; runs nothing"
    )
    takes_chapters(lists)
    lists.add_argument(
        "--why", action="store_true", help="also tell whether each would run, and because of what"
    )

    mystmd = command("mystmd", "do_mystmd", "check a MyST project and write what its pages show")
    mystmd.add_argument("--root", type=Path, default=Path(), help="the book's folder (default .)")

    merges = command("merge", "do_merge", "put the verification.json of all shards together")
    merges.add_argument("parts", nargs="+", type=Path, help="what `check --shard` wrote")
    merges.add_argument("--json", type=Path, metavar="FILE", help="write verification.json here")

    diffs = command("diff", "do_diff", "tell which outputs two verification.json differ in")
    diffs.add_argument("before", type=Path, help="the older verification.json")
    diffs.add_argument("after", type=Path, help="the newer one")
    diffs.add_argument(
        "--table", action="store_true", help="one line for each output, with its first difference"
    )

    summary = command("summary", "do_summary", "read a verification.json; fail unless it is green")
    summary.add_argument("file", type=Path, help="the verification.json of a build")

    seals = command(
        "seal", "do_seal", "write SHA256SUMS for a built site; refuse unless it is green"
    )
    seals.add_argument("site", type=Path, help="the folder of the site, with its verification.json")
    seals.add_argument(
        "--check", action="store_true", help="write nothing; refuse also what differs from the seal"
    )

    notes_parsers.add_notes(subs, EXIT_CODES)
    notes_parsers.add_new(subs, EXIT_CODES)

    serves = command("serve", "", "build and serve the book; again after every change")
    serves.set_defaults(command="bookproof.authoring.serve:do_serve")  # it begins at once
    serves.add_argument("--root", type=Path, default=Path(), help="the book's folder (default .)")
    serves.add_argument(
        "--site",
        type=Path,
        default=Path("_build/html"),
        help="where the build writes pages (default _build/html in the book's folder)",
    )
    serves.add_argument("--port", type=int, default=8000, help="default 8000; 0: any free one")
    serves.add_argument(
        "build",
        nargs="*",
        default=["jupyter-book", "build", "."],
        metavar="WORD",
        help="the build command, after a -- (default jupyter-book build .)",
    )

    command("lsp", "do_lsp", "tell an editor, over stdio, what it saves is worth")
    return parser
