"""Words.

>>> 1 + 1
3
"""


def shout(word):
    """Shout.

    >>> shout("a")
    'A'
    >>> shout(3)
    '3'
    """
    return word.upper()
