"""What goes wrong because of an input or an option: one sentence, no traceback."""


class UserError(Exception):
    """Something a user can mend.

    The message is one sentence with the offending value, the rule it breaks and the remedy. The
    command line prints it alone and exits with status 2; in Python it is an ordinary exception.
    """
