"""The commands of ``zhicheng``, by subject. Each module has ``add``, which describes them."""

import argparse
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    Subparsers: TypeAlias = argparse._SubParsersAction[argparse.ArgumentParser]
else:
    Subparsers = object


class CommandFault(Exception):
    """A command can't be done; the message is one line for the person who typed it."""
