"""What works on this machine: every job trained for seconds, and what they rest on.

`plan.py` lists the checks, which a process of its own runs (`worker.py`), so that one that crashes
or hangs is a line of the result and not its end.
"""
