"""What Python compiles is kept, also where the environment says that it should not be.

The tests are compiled anew in each process that runs them otherwise, and the program in each of the
hundred that they start. And the garbage collector comes less often from the start: of all that is
imported and collected there is nothing to free. What it finds is found all the same, only later.
A plugin of its own, which is loaded first: ``-p kept_bytecode``.
"""

from __future__ import annotations

import gc
import os
import sys

gc.set_threshold(20_000, 20, 20)

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
