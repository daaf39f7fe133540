"""What goes wrong because of an input or an option: one sentence, no traceback."""


class UserError(Exception):
    """Something a user can mend.

    The message is one sentence with the offending value, the rule it breaks and the remedy. The
    command line prints it alone and exits with status 2; in Python it is an ordinary exception.
    """


def system_refusal(error: OSError) -> str | None:
    """The sentence for a file that the system refuses, as without permission; None where it names
    no file, and so is not of a path that somebody gave."""
    if error.filename is None:
        return None
    return f"cannot use '{error.filename}' ({error.strerror}): check the path"
