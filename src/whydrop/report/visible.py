"""Text from strangers made safe to show: what cannot be seen is written out."""

# A spreadsheet runs a cell that begins with one of these.
# Source: OWASP, "CSV Injection".
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def visible(text: str) -> str:
    r"""Return text in which every control, invisible and direction-changing mark is spelt out.

    Terminal escapes, C0 and C1 bytes, line breaks, bidirectional overrides, zero-width marks and
    lone surrogates become backslash escapes, so a name can neither move the cursor nor reorder
    what stands beside it.

    Example:
        >>> visible("lr\x1b[2J\u202e\u00e9")
        'lr\\x1b[2J\\u202eé'
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def plain_cell(text: str) -> str:
    """Return text that a spreadsheet keeps as text: formula-looking cells get an apostrophe.

    Example:
        >>> plain_cell("=cmd()")
        "'=cmd()"
    """
    return "'" + visible(text) if text.lstrip(" ").startswith(FORMULA_STARTS) else visible(text)
