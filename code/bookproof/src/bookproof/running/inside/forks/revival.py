"""Make a fork of a kernel a kernel of its own, with sockets, threads and loops that work.

A fork has those in its memory alone. Nothing of them is closed, nor called once more: they are
buried, so that nobody finds them. Whatever a cell can know of is the same object as before.
"""

import asyncio
import itertools
import os
import sys
import threading
from collections import defaultdict
from contextlib import contextmanager

from ..streams import let_wait

_buried = []


def revive(kernel, descriptors, connection):
    """Let the kernel serve whoever knows the connection file.

    `descriptors` are those of the standard streams.
    """
    app, pump = kernel.parent, kernel.iopub_thread
    waiting = app.shell_channel_thread.manager
    _buried.append((dict(app._trait_values), dict(kernel._trait_values), waiting, pump))
    app.session.pid = os.getpid()
    _renew_loop(kernel.io_loop)
    with _unnoticed(app):
        _connect(app, connection)
        kernel.iopub_socket.io_thread = app.iopub_thread
        app.iopub_thread.background_socket = app.iopub_socket = kernel.iopub_socket
        let_wait(app.iopub_thread)
        app.init_heartbeat()
        app.write_connection_file()
        for stream in (kernel._stdout, kernel._stderr):
            _renew_stream(stream, app.iopub_thread, descriptors[stream])
        _renew_channels(app, kernel, waiting)
        _renew_watch_on_parent(app)
        _renew_collector()


def _renew_loop(io_loop):
    """Give the main thread's loop what it waits with."""
    loop = io_loop.asyncio_loop
    _buried.append((loop._selector, loop._ssock, loop._csock, dict(io_loop.handlers)))
    loop._selector = type(loop._selector)()
    loop._internal_fds -= 1
    loop._make_self_pipe()
    for known in (io_loop.handlers, io_loop.readers, io_loop.writers):
        known.clear()
    asyncio._set_running_loop(loop)
    asyncio.set_event_loop(loop)


@contextmanager
def _unnoticed(app):
    """Let the kernel start again what it has started once, and number no thread anew."""
    counter, threading._counter = threading._counter, itertools.count(1).__next__
    disabled, app.log.disabled = app.log.disabled, True
    app.configure_tornado_logger = lambda: None  # it is
    try:
        yield
    finally:
        threading._counter = counter
        app.log.disabled = disabled
        del app.configure_tornado_logger


def _connect(app, connection):
    """Open the kernel's sockets where the connection file has them."""
    app.shell_port = app.stdin_port = app.control_port = app.iopub_port = app.hb_port = 0
    app.connection_file = connection
    app.load_connection_file()
    app.context = None
    app.init_sockets()


def _renew_stream(stream, pump, descriptor):
    """Let a standard stream send, and get what is written to its descriptor."""
    source, target = os.pipe()
    os.dup2(source, stream._fid, inheritable=False)
    os.dup2(target, stream._original_stdstream_fd)
    os.close(source)
    os.close(target)
    stream.pub_thread, stream._io_loop = pump, pump.io_loop
    stream._master_pid = os.getpid()
    stream._flush_pending = stream._subprocess_flush_pending = False
    stream._buffer_lock = threading.RLock()
    stream._buffers = defaultdict(sys.modules["ipykernel.iostream"].StringIO)
    descriptor.revive()


def _renew_channels(app, kernel, waiting):
    """Let messages come to the main thread and to the control thread as they did."""
    stream_of = sys.modules["zmq.eventloop.zmqstream"].ZMQStream
    shell = stream_of(app.shell_socket, app.shell_channel_thread.io_loop)
    control = stream_of(app.control_socket, app.control_thread.io_loop)
    app.shell_channel_thread.shell_stream = shell
    app.control_thread.start()
    app.shell_channel_thread.start()
    names = "iopub_thread", "control_thread", "shell_channel_thread"
    for name in (*names, "stdin_socket", "debug_shell_socket"):
        setattr(kernel, name, getattr(app, name))
    kernel.shell_stream, kernel.control_stream = shell, control
    kernel._control_lock = asyncio.Lock()
    control.on_recv(kernel.dispatch_control, copy=False)
    manager = app.shell_channel_thread.manager
    manager._on_recv_callback = waiting._on_recv_callback
    # The very function: it has the context in which all cells run.
    receive = waiting._shell_channel_to_main.to_stream._recv_callback
    manager._shell_channel_to_main.on_recv(kernel.io_loop, receive)
    shell.on_recv(kernel.shell_channel_thread_main, copy=False)


def _renew_watch_on_parent(app):
    """End with the process that this one is a fork of, if the kernel ended with its parent."""
    if app.poller is not None:
        name = app.poller.name
        app.parent_handle = os.getppid()
        app.init_poller()
        app.poller.name = name
        app.poller.start()


def _renew_collector():
    """Collect large messages that have been sent, if there were any."""
    module = sys.modules.get("zmq.utils.garbage")
    if module and module.gc.thread is not None:
        _buried.append(dict(vars(module.gc)))
        name = module.gc.thread.name
        module.gc.start()
        module.gc.thread.name = name
