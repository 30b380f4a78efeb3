"""Text from outside as it may be printed: what a terminal would obey, hide or turn round is spelt out, and no line is without end."""

LONGEST = 2000


def printable(text, longest=LONGEST):
    """One line: control characters, line ends, marks of writing direction and half characters become escapes like \\x1b."""
    text = str(text)
    cut = text if len(text) <= longest else f'{text[:longest]}… ({len(text) - longest} characters more)'
    return ''.join(sign if sign.isprintable() else escape(sign) for sign in cut)


def escape(sign):
    """As Python spells it: \\n, \\x1b, \\u202e, \\U000e0001."""
    return sign.encode('unicode_escape').decode('ascii')
