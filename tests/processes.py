"""Processes that a test may kill: forked from one that has imported the product, and so begun fast.

Each has memory, connections and a clock of its own; of the test's it knows what it is given.
"""

import multiprocessing
from collections.abc import Callable
from multiprocessing.process import BaseProcess

SECONDS = 60  # that a process gets to end

APART = multiprocessing.get_context("forkserver")
APART.set_forkserver_preload(["tests.test_schedule", "tests.test_migrations"])


def start(work: Callable[..., None], *given: object) -> BaseProcess:
    """Let a new process do `work`, a function of a module."""
    process = APART.Process(target=work, args=given, daemon=True)
    process.start()
    return process


def end(process: BaseProcess) -> int | None:
    """Wait until a process has ended; return its exit code, less than 0 for a signal."""
    process.join(SECONDS)
    code = process.exitcode
    if code is None:
        process.kill()
        process.join()
    process.close()
    return code
