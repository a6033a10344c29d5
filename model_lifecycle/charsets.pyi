"""The encoding of a text, found where there is no doubt"""
from typing import Any
__all__ = []
from typing import NamedTuple
latin_letters: Any
other_letters: Any
wide_letters: Any

def rows_of_signs(encoding, first, last):
    """The characters whose first byte is from `first` to `last`"""
    ...
signs = '‘“”„–—…•£€©®™°§«»×½¼¿¡‚‹›±²³ªº¢¥\xa0、。「」『』（）！？：；，．・ー〜～《》〈〉【】％＋－／＝＊＠＃々〇’·'

def alphabets():
    """The letters and signs beyond ASCII of each language"""
    ...

class Fit(NamedTuple):
    """How well a text fits the language that fits it best"""
    language: str
    misfits: int
    total: int

def odd_letters(word, language):
    """How many letters of a word are in places where the language has none"""
    ...

def fit_of(text):
    """How well a text fits a language"""
    ...
_homes['Greek'].add('iso8859_7')
encodings: Any

def strangeness(sample, encoding, fit):
    """How little sense a sample makes in an encoding, about -0.5 to 2"""
    ...

def ranked_encodings(sample):
    """The encodings that a sample may have"""
    ...

def guess_encoding(sample: bytes) -> str | None:
    """The encoding that a text in another than UTF-8 has, or None if there is any doubt"""
    ...

def first_bad(chunks, encoding: str='utf-8') -> int | None:
    """Number of the byte at which a text is not in an encoding, or is no text"""
    ...

def marked_encoding(start):
    """The encoding that the first bytes of a file tell, or None"""
    ...

def telling_lines(chunks, size=...):
    """Lines with bytes beyond ASCII or an escape, from a little before them, up to `size` bytes"""
    ...

def find_encoding(read, name) -> str:
    """The encoding of a text, told in a warning if it is not UTF-8; an error if there is any doubt"""
    ...
