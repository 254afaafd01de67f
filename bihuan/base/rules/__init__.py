"""Rules are CEL: one text, evaluated on one record or compiled to a filter over a whole table.

Both follow one logic: a key that is absent, or null, is unknown; unknown spreads through comparisons and
arithmetic, `||` and `&&` decide in spite of it where they can, and at the top unknown is not true.
"""

from bihuan.base.rules.parse import RuleError, names_in, parsed, paths_in
from bihuan.base.rules.record import evaluate, holds
from bihuan.base.rules.table import filter_of, value_of

__all__ = ["RuleError", "evaluate", "filter_of", "holds", "names_in", "parsed", "paths_in", "value_of"]
