"""Tell why code could not run here, where that is no fault of what it claims."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bookproof.notes.names import ELSEWHERE, USUAL

_NETWORK = re.compile(
    r"URLError|HTTPError|ConnectionError|Connection\w*Error|gaierror|MaxRetryError|ProxyError|"
    r"ConnectTimeout|ReadTimeout|SSLError|RemoteDisconnected|NewConnectionError|TimeoutError|"
    r"LocalEntryNotFound|OfflineMode"
)
_NETWORK_WORDS = re.compile(
    r"urlopen|getaddrinfo|name resolution|Max retries|HTTPSConnection", re.I
)
_WINDOW = re.compile(
    r"TclError|display|GTK|highgui|The function is not implemented|cvShowImage", re.I
)
_GPU = re.compile(r"CUDA|NVIDIA|\bGPU\b|\bMPS\b")


def reason(name: str, message: str, defined: Mapping[str, str]) -> str:
    """Return why code that raised an error is not to be judged, empty where it is.

    `defined` tells where names are given that the code lacked.
    """
    kind = name.rpartition(".")[2]
    if kind in ("NameError", "UnboundLocalError"):
        found = re.search(r"name '(\w+)'", message)
        return _undefined(found[1], defined) if found else message
    if kind == "ModuleNotFoundError":
        found = re.search(r"No module named '([^']+)'", message)
        return f"the package {found[1] if found else message} is not installed"
    if kind == "ImportError":
        if "libGL" in message or ".so" in message:
            return f"a package does not load here: {message}"
        return f"the installed packages do not have it: {message}"
    if kind in ("FileNotFoundError", "NotADirectoryError", "IsADirectoryError"):
        return f"a file is missing: {message}"
    if kind == "StdinNotImplementedError":
        return "it waits for somebody's input"
    if kind == "SyntaxError" or kind == "IndentationError" or kind == "TabError":
        return f"it is no Python as it stands: {message}"
    if _NETWORK.search(kind) or _NETWORK_WORDS.search(message):
        return f"it needs the network: {kind}: {message}"
    if kind == "TclError" or (kind == "error" and _WINDOW.search(message)):
        return f"it needs a window: {message}"
    if _GPU.search(message):
        return f"it needs a GPU: {message}"
    if kind == "MemoryError":
        return "it needs more memory than there is"
    if kind == "KeyboardInterrupt":
        return "it was interrupted"
    return ""


def _undefined(name: str, defined: Mapping[str, str]) -> str:
    if name in defined:
        return f"`{name}` is not defined before it; it is {defined[name]}"
    if name in ELSEWHERE or name in USUAL:
        usual = ELSEWHERE.get(name) or USUAL[name]
        return f"`{name}` is never defined; it usually comes from `{usual}`"
    return f"`{name}` is never defined in the note"
