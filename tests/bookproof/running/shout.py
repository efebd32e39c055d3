"""A kernel of a language that is not Python: it prints a cell's text in capital letters."""

from ipykernel.kernelapp import IPKernelApp
from ipykernel.kernelbase import Kernel


class Shout(Kernel):
    """Say everything aloud; a cell that begins with `fail` fails."""

    implementation = "shout"
    implementation_version = "1.5"
    banner = "Shout"
    language_info = {"name": "shout", "mimetype": "text/plain", "pygments_lexer": "text"}  # noqa: RUF012

    def do_execute(self, code, silent, *arguments, **options):
        """Answer a cell."""
        if not silent:
            stream = {"name": "stdout", "text": code.upper() + "\n"}
            self.send_response(self.iopub_socket, "stream", stream)
        reply = {"status": "ok", "execution_count": self.execution_count, "user_expressions": {}}
        if code.startswith("fail"):
            reply |= {"status": "error", "ename": "Hoarse", "evalue": "no voice", "traceback": []}
            error = {name: reply[name] for name in ("ename", "evalue", "traceback")}
            self.send_response(self.iopub_socket, "error", error)
        return reply


IPKernelApp.launch_instance(kernel_class=Shout)
