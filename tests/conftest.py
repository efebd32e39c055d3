"""What holds for all tests."""

import signal

# A background job of a script starts with the interrupt ignored, and passes that on to all that it
# starts: no test could end a process by Ctrl-C. A handler of our own is not passed on.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
