"""elementpath's XPath parser, cut down to what ODK forms use: no paths, no axes, no documents, nothing from outside.

elementpath allows one parser class per module; the token classes it makes land in this module's namespace.
"""

from collections.abc import Callable
from typing import Any

from elementpath.xpath1 import XPath1Parser
from elementpath.xpath_tokens import XPathToken

from questionnaires.odk_semantics import FUNCTIONS, OPERATORS, Function, Value, as_number

#: what is kept of XPath 1.0's grammar: literals, `$name`, `.`, the comma and the closing bracket
_KEPT = (
    "(start)",
    "(end)",
    "(invalid)",
    "(unknown)",
    "(string)",
    "(float)",
    "(decimal)",
    "(integer)",
    "(name)",
    "$",
    ".",
    ",",
    ")",
)
_UNARY_MINUS_POWER = 70
#: before the names of what an expression is told, so that they are no question's
TOLD = "told_"


class OdkParser(XPath1Parser):
    """Its tokens evaluate to text, float or bool; there are no nodes for them to select."""

    symbol_table = {symbol: XPath1Parser.symbol_table[symbol] for symbol in _KEPT}


def _register_brackets() -> None:
    def nud(self: XPathToken) -> XPathToken:
        self[:] = (self.parser.expression(),)
        self.parser.advance(")")
        return self

    OdkParser.register(
        "(",
        lbp=100,
        rbp=100,
        label="expression",
        nud=nud,
        evaluate=lambda self, context=None: self[0].evaluate(context),
    )


def _register_operator(symbol: str, power: int, meaning: Callable[[Value, Value], Value]) -> None:
    def evaluate(self: XPathToken, context: Any = None) -> Value:
        if len(self) == 1:
            return -as_number(self[0].evaluate(context))
        return meaning(self[0].evaluate(context), self[1].evaluate(context))

    OdkParser.infix(symbol, bp=power).evaluate = evaluate


def _register_unary_minus() -> None:
    def nud(self: XPathToken) -> XPathToken:
        self[:] = (self.parser.expression(rbp=_UNARY_MINUS_POWER),)
        return self

    OdkParser.symbol_table["-"].nud = nud


def _register_function(name: str, function: Function) -> None:
    def evaluate(self: XPathToken, context: Any = None) -> Value:
        if function.told and context is None:
            raise self.missing_context()
        told = [context.variables[TOLD + name] for name in function.told]
        return function.meaning(*told, *(argument.evaluate(context) for argument in self))

    arity = function.least if function.least == function.most else (function.least, function.most)
    OdkParser.function(name, nargs=arity).evaluate = evaluate


_register_brackets()
for _symbol, (_power, _meaning) in OPERATORS.items():
    _register_operator(_symbol, _power, _meaning)
_register_unary_minus()
for _name, _function in FUNCTIONS.items():
    _register_function(_name, _function)
OdkParser.build()
