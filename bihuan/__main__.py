"""`python -m bihuan` is the `bihuan` command."""

from bihuan.config.cli import main

if __name__ == "__main__":
    main()
