"""How templates become Python. They are compiled once a language: what is the same each time a page is made is looked
up when its template is compiled, and then is part of the text around it. A page says some eighty sentences and names
some thirty addresses; and it escapes hundreds of values, of which nothing is made but the text that is sent."""

from collections.abc import Callable, MutableMapping
from typing import Any

from django.urls import NoReverseMatch, get_script_prefix
from django.utils import translation
from jinja2 import Environment, Template, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, _escape_inner, escape

# The call stays, and fails as it would have failed: when a page is made, and only if it is reached.
_FAILURES = (NoReverseMatch, LookupError, ValueError, TypeError)


def _text(value: Any) -> str:
    """What jinja2 writes as escape(value), which also makes an object of the text that remembers that it is safe."""
    kind = type(value)
    if kind is str:
        return _escape_inner(value)
    return value if kind is Markup else escape(value)


class _Generator(CodeGenerator):
    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.autoescape and not frame.eval_ctx.volatile:
            self.write("environment.text(")
        else:
            super()._output_child_pre(node, frame, finalize)


class PerLanguage(Environment):
    """An environment that has another one for each language (and place of the product on its host).

    `constants` are global functions that answer the same to the same arguments for as long as the process lives, as
    functions that are also told how the template escapes."""

    code_generator_class = _Generator
    text = staticmethod(_text)

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.constants: dict[str, Callable[..., str]] = {}
        self._compiling: dict[tuple[str | None, str], PerLanguage] = {}

    def get_template(
        self,
        name: str | Template,
        parent: str | None = None,
        globals: MutableMapping[str, Any] | None = None,
    ) -> Template:
        if self.overlayed:
            return super().get_template(name, parent, globals)
        here = translation.get_language(), get_script_prefix()
        if here not in self._compiling:
            self._compiling[here] = self.overlay()
        return self._compiling[here].get_template(name, parent, globals)

    def _generate(self, source: nodes.Template, name: str | None, *args: Any, **options: Any) -> str:
        _Constants(source, nodes.EvalContext(self, name)).visit(source)
        return super()._generate(source, name, *args, **options)


class _Constants(NodeTransformer):
    """Puts the answer in the place of each call that depends on nothing."""

    def __init__(self, source: nodes.Template, evaluation: nodes.EvalContext) -> None:
        self._evaluation = evaluation
        known: dict[str, Callable[..., str]] = evaluation.environment.constants  # type: ignore[attr-defined]
        own = {one.name for one in source.find_all(nodes.Name) if one.ctx != "load"}
        own |= {one.name for one in source.find_all(nodes.Macro)}
        self._functions = {name: known[name] for name in known.keys() - own}

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802 - jinja2 calls it so
        self.generic_visit(node)
        function = self._functions.get(node.node.name) if isinstance(node.node, nodes.Name) else None
        values = [one.value for one in node.args if isinstance(one, nodes.Const)]
        depends = len(values) < len(node.args) or node.kwargs or node.dyn_args or node.dyn_kwargs
        if function is None or depends:
            return node
        try:
            return nodes.Const(function(self._evaluation, *values), lineno=node.lineno)
        except _FAILURES:
            return node
