"""Our own kernels, each beside the plain torch version that it is tested against.

One stays only where a network that users choose trains at least 1.25 times faster as a whole for
it (`benchmarks/kernels.py`). HANDLOOM_KERNELS=0 in the environment turns all of them off.
"""

import os

enabled = os.environ.get("HANDLOOM_KERNELS", "1") != "0"
