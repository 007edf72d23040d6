"""``python -m askscwru`` is the command ``askscwru``."""

from askscwru.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
