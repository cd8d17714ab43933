"""The words of a row expression as they are written: which functions it calls, and what may not stand in it.

The parser gives functions names of its own and takes many for the same; Spark looks up the word before the bracket.
"""

from __future__ import annotations

from collections.abc import Iterator

import sqlglot
from sqlglot import Token, TokenType

from tillthen.define.expressions.allowed import FUNCTIONS, WITHOUT_ARGUMENTS

_OPERATORS = (
    "and", "as", "between", "case", "cast", "distinct", "div", "else", "end", "escape", "false", "from", "ilike",
    "in", "interval", "is", "like", "not", "null", "or", "placing", "regexp", "rlike", "then", "true", "try_cast",
    "when",
)  # fmt: skip
"""Words that a bracket may follow and that call nothing."""
_AFTER = {"like": ("all", "any", "some"), "ilike": ("all", "any", "some"), "as": ("dec", "numeric", "varchar")}
"""Further ones, where they follow these."""

_SYMBOLS = frozenset(
    {
        TokenType.DOT, TokenType.COMMA, TokenType.L_PAREN, TokenType.R_PAREN, TokenType.L_BRACKET, TokenType.R_BRACKET,
        TokenType.PLUS, TokenType.DASH, TokenType.STAR, TokenType.SLASH, TokenType.MOD, TokenType.DIV, TokenType.AMP,
        TokenType.PIPE, TokenType.CARET, TokenType.TILDE, TokenType.DPIPE, TokenType.EQ, TokenType.NEQ, TokenType.GT,
        TokenType.GTE, TokenType.LT, TokenType.LTE, TokenType.NULLSAFE_EQ, TokenType.DCOLON, TokenType.ARROW,
        TokenType.NOT, TokenType.STRING, TokenType.RAW_STRING, TokenType.HEX_STRING, TokenType.NUMBER,
        TokenType.IDENTIFIER,
    }
)  # fmt: skip

_CONSTRUCTORS = ("array", "list", "map", "set", "struct", "values")
"""Words that the parser takes for more than a column's name where a square bracket follows."""
_TEXTS = (TokenType.STRING, TokenType.RAW_STRING)


def calls(text: str) -> Iterator[tuple[str, str]]:
    """The functions that are called and may not be, each with what is wrong; nothing where it is not listed."""
    tokens = sqlglot.tokenize(text, read="spark")
    for i, token in enumerate(tokens[:-1]):
        name, before = token.text.lower(), tokens[i - 1] if i else None
        if tokens[i + 1].token_type != TokenType.L_PAREN or not _calls(token, before):
            continue
        if before and before.token_type == TokenType.DOT:
            yield name, "by the name of a catalog"
        elif name not in FUNCTIONS:
            yield name, ""
        elif name not in WITHOUT_ARGUMENTS and tokens[i + 2].token_type == TokenType.R_PAREN:
            yield name, "of nothing"


def symbols(text: str) -> Iterator[tuple[str, str]]:
    """What may not stand in an expression, whatever it means, and what to do instead."""
    if "${" in text:
        yield "'${', where Spark puts a setting", r"Write the dollar sign as \u0024."
    tokens = sqlglot.tokenize(text, read="spark")
    if any(token.comments for token in tokens):
        yield "a comment", "Write it beside the expression."
    for token, after in zip(tokens, [*tokens[1:], None], strict=True):
        if token.token_type in _TEXTS and after is not None and after.token_type in _TEXTS:
            yield "two texts side by side", r"Write one text, and a quote within it as \'."
        if token.text.lower() in _CONSTRUCTORS and after is not None and after.token_type == TokenType.L_BRACKET:
            yield f"'{token.text}[' without quotes", f"Write `{token.text}`[...] of a column."
        if token.token_type not in _SYMBOLS and not _is_word(token):
            yield f"'{token.text}'", "No row expression knows it."


def _calls(token: Token, before: Token | None) -> bool:
    if token.token_type == TokenType.IDENTIFIER:
        return True
    operators = (*_OPERATORS, *_AFTER.get(before.text.lower() if before else "", ()))
    return _is_word(token) and token.text.lower() not in operators


def _is_word(token: Token) -> bool:
    return token.token_type not in _SYMBOLS and (token.text[:1].isalnum() or token.text[:1] == "_")
