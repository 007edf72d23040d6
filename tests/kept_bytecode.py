"""What Python compiles is kept, also where the environment says that it should not be.

The tests are compiled anew in each process that runs them otherwise, and the program in each of the
hundred that they start. A plugin of its own, which is loaded first: ``-p kept_bytecode``.
"""

from __future__ import annotations

import os
import sys

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
