"""Rules in the reader's words."""

from bihuan.base.wording.known import Deed, Known, Named, Names
from bihuan.base.wording.sentences import in_words, noun_in_words
from bihuan.base.wording.values import quoted, spaced, written

__all__ = ["Deed", "Known", "Named", "Names", "in_words", "noun_in_words", "quoted", "spaced", "written"]
