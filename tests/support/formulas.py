"""Evaluates the few Excel functions that our own validations use, as Excel does.

Enough for a test to type numbers into the template's cell and see whether Excel would take them.
"""

import re
from datetime import date, timedelta
from typing import Any

_TOKEN = re.compile(
    r"\s*(?:(\d+(?:\.\d+)?)|\"([^\"]*)\"|([A-Z]+)(?=\()|([^\s!()*^+,=<>\"-]+!\$?[A-Z]+\$?\d+(?::\$?[A-Z]+\$?\d+)?)"
    r"|(\$?[A-Z]+\$?\d+)|(<=|>=|<>|[-()*^+,=<>]))"
)


class ExcelError(Exception):
    """#VALUE! and its kin."""


def evaluate(formula: str, cells: dict[str, str]) -> Any:
    """The value of ``=…`` with these cells' texts."""
    return _Formula(formula, cells).value()


def _number(value: Any) -> float:
    if isinstance(value, bool):
        return float(value)
    if isinstance(value, int | float):
        return float(value)
    if re.fullmatch(r"\s*-?\d+(\.\d+)?\s*", str(value)):
        return float(value)
    raise ExcelError


def _each(function: Any, *values: Any) -> Any:
    """Applies to lists element by element, as an array formula does."""
    lists = [value for value in values if isinstance(value, list)]
    if not lists:
        return function(*values)
    size = len(lists[0])
    spread = [value if isinstance(value, list) else [value] * size for value in values]
    return [function(*row) for row in zip(*spread, strict=True)]


def _mid(text: Any, start: Any, length: Any) -> str:
    begin = int(_number(start)) - 1
    return str(text)[begin : begin + int(_number(length))]


def _date(year: Any, month: Any, day: Any) -> int:
    y, m, d = int(_number(year)), int(_number(month)), int(_number(day))
    y += 1900 if y < 1900 else 0  # Excel takes 930 for 2830
    try:
        first = date(y + (m - 1) // 12, (m - 1) % 12 + 1, 1)
        return (first + timedelta(days=d - 1)).toordinal()
    except (ValueError, OverflowError):
        raise ExcelError from None


class _Formula:
    """A recursive descent over comparison, sum, product, power."""

    def __init__(self, formula: str, cells: dict[str, str]) -> None:
        assert formula.startswith("=")
        self.cells = cells
        self.tokens = []
        place = 1
        while place < len(formula):
            match = _TOKEN.match(formula, place)
            assert match is not None, formula[place:]
            self.tokens.append((match.lastindex, match[match.lastindex or 0]))
            place = match.end()
        self.at = 0

    def value(self) -> Any:
        result = self._comparison()
        assert self.at == len(self.tokens)
        return result

    def _peek(self) -> Any:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else None

    def _next(self) -> Any:
        self.at += 1
        return self.tokens[self.at - 1]

    def _comparison(self) -> Any:
        left = self._sum()
        while self._peek() in ("=", "<", ">", "<=", ">=", "<>"):
            sign = self._next()[1]
            left = _each(lambda a, b, sign=sign: _compare(a, b, sign), left, self._sum())
        return left

    def _sum(self) -> Any:
        left = self._product()
        while self._peek() in ("+", "-"):
            sign = 1 if self._next()[1] == "+" else -1
            left = _each(lambda a, b, s=sign: _number(a) + s * _number(b), left, self._product())
        return left

    def _product(self) -> Any:
        left = self._power()
        while self._peek() == "*":
            self._next()
            left = _each(lambda a, b: _number(a) * _number(b), left, self._power())
        return left

    def _power(self) -> Any:
        left = self._atom()
        while self._peek() == "^":
            self._next()
            left = _each(lambda a, b: _number(a) ** _number(b), left, self._atom())
        return left

    def _atom(self) -> Any:
        kind, text = self._next()
        if kind == 1:
            return float(text)
        if kind == 2:
            return text
        if kind == 3:
            return self._call(text)
        if kind == 4:
            first, last = re.findall(r"\d+", text.split("!")[1])
            return ("rows", int(first), int(last))
        if kind == 5:
            return self.cells[text.replace("$", "")]
        assert text == "(", text
        inside = self._comparison()
        assert self._next()[1] == ")"
        return inside

    def _call(self, name: str) -> Any:
        assert self._next()[1] == "("
        values: list[Any] = []
        while self._peek() != ")":
            try:
                values.append(self._comparison())
            except ExcelError as error:
                values.append(error)
                self._skip()
            if self._peek() == ",":
                self._next()
        self._next()
        if name == "ISERR":
            return isinstance(values[0], ExcelError)
        if name == "IF":  # only the branch that is taken counts
            values = [
                values[0] if isinstance(values[0], ExcelError) else values[1 if values[0] else 2]
            ]
        for value in values:
            if isinstance(value, ExcelError):
                raise value
        if name == "IF":
            return values[0]
        return _FUNCTIONS[name](*values)

    def _skip(self) -> None:
        """To the end of an argument that failed."""
        depth = 0
        while not (depth == 0 and self._peek() in (",", ")")):
            depth += {"(": 1, ")": -1}.get(self._next()[1], 0)


def _compare(left: Any, right: Any, sign: str) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        left, right = left.upper(), right.upper()
    elif isinstance(left, str) != isinstance(right, str):
        return sign == "<>" or ((sign in (">", ">=")) == isinstance(left, str) and sign != "=")
    return {
        "=": left == right,
        "<>": left != right,
        "<": left < right,
        ">": left > right,
        "<=": left <= right,
        ">=": left >= right,
    }[sign]


_FUNCTIONS: dict[str, Any] = {
    "AND": lambda *values: all(values),
    "OR": lambda *values: any(values),
    "LEN": lambda text: float(len(str(text))),
    "MID": lambda text, start, length: _each(_mid, text, start, length),
    "LEFT": lambda text, count: str(text)[: int(count)],
    "RIGHT": lambda text, count: str(text)[-int(count) :],
    "UPPER": lambda text: str(text).upper(),
    "MOD": lambda a, b: _number(a) % _number(b),
    "SUMPRODUCT": lambda values: sum(_number(value) for value in values),
    "ROW": lambda rows: [float(number) for number in range(rows[1], rows[2] + 1)],
    "DATE": _date,
    "DAY": lambda ordinal: float(date.fromordinal(int(ordinal)).day),
}
