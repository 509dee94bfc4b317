"""Base 58 as Bitcoin writes it, the form in which DIDs and proofs carry bytes (multibase prefix ``z``)."""

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_DIGITS = {letter: value for value, letter in enumerate(_ALPHABET)}


def encode(data: bytes) -> str:
    """The bytes as multibase base58btc: ``z`` and the digits."""
    number, digits = int.from_bytes(data), ""
    while number:
        number, digit = divmod(number, 58)
        digits = _ALPHABET[digit] + digits
    zeros = len(data) - len(data.lstrip(b"\0"))
    return "z" + "1" * zeros + digits


def decode(text: str) -> bytes:
    """The bytes of a multibase base58btc text.

    Raises:
        ValueError: it does not begin with ``z``, or has a character that is not a digit of base 58.
    """
    if not text.startswith("z"):
        raise ValueError("not multibase base58btc: it does not begin with z")
    number, digits = 0, text[1:]
    for letter in digits:
        if letter not in _DIGITS:
            raise ValueError(f"{letter!r} is not a digit of base 58")
        number = number * 58 + _DIGITS[letter]
    zeros = len(digits) - len(digits.lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8)
