"""What keeps an instance from going on."""


class RunStopped(ValueError):
    """A step cannot be left or entered: `element` is its id, `code` says why, the message has the details.

    Codes: "expression" (a rule that cannot be evaluated), "no_way" (no condition holds and there is no default), "decision"
    (a table has no answer), "timer" (a moment that cannot be read), "gone" (the token is not there any more), "endless"
    (a circle), "deadlock" (branches that wait for each other).
    """

    def __init__(self, code: str, element: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.element = element
