"""Running one instance of a diagram. SpiffWorkflow moves the tokens; every expression is CEL and every moment is given."""

from bihuan.act.bpmn.running.compiled import Compiled, CompileRefused, compile_diagram
from bihuan.act.bpmn.running.expressions import Surroundings
from bihuan.act.bpmn.running.run import Awaited, Moved, Run, Thrown, Token
from bihuan.act.bpmn.running.stopped import RunStopped

__all__ = [
    "Awaited",
    "CompileRefused",
    "Compiled",
    "Moved",
    "Run",
    "RunStopped",
    "Surroundings",
    "Thrown",
    "Token",
    "compile_diagram",
]
