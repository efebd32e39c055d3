"""The suite may be started where interrupts are ignored, as a background job of a script is."""

import signal
import subprocess
import sys

WAITS = "import time; print('waits', flush=True); time.sleep(60)"


def test_a_process_that_a_test_starts_can_be_interrupted():
    with subprocess.Popen(
        [sys.executable, "-c", WAITS], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout.readline() == "waits\n"
            process.send_signal(signal.SIGINT)
            assert "KeyboardInterrupt" in process.communicate(timeout=30)[1]
        finally:
            process.kill()


def test_also_where_the_suite_itself_ignores_interrupts():
    name = test_a_process_that_a_test_starts_can_be_interrupted.__name__
    suite = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", f"{__file__}::{name}"]
    command = ["sh", "-c", 'trap "" INT; exec "$@"', "sh", *suite, "-n", "1"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert "1 passed" in done.stdout, done.stdout
