"""Text → JSON value: strict where it can be, repaired where it must be, every liberty on record."""

from extract.decode._decode import Decoded, decode
from extract.decode._omissions import leaves_out
from extract.decode._parser import Parser
from extract.decode._repairs import REPAIRS

__all__ = ["REPAIRS", "Decoded", "Parser", "decode", "leaves_out"]
