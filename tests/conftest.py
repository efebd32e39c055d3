"""What holds for all tests."""

import os
import signal

# bookproof speaks the language of who calls it; what tests expect of it is English.
os.environ["LC_ALL"] = "C.UTF-8"
os.environ.pop("LANGUAGE", None)

# A background job of a script starts with the interrupt ignored, and passes that on to all that it
# starts: no test could end a process by Ctrl-C. A handler of our own is not passed on.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
