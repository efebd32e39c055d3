"""What is raised where something is not done."""


class Refused(Exception):
    """Something was not done; the message says why."""
