"""What an action refuses is said where its reader came from: one way for every button."""

from collections.abc import Callable
from types import TracebackType

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse

from bihuan.base.ui.responses import done


class Refused(Exception):
    """An action refused; `text` is said at the address `to`, and with `stay` a fragment's page stays (see `done`)."""

    def __init__(self, text: str, *, to: str, stay: str = "") -> None:
        super().__init__(text)
        self.text, self.to, self.stay = text, to, stay


class refusals_at:  # noqa: N801 – read as the statement that it is: with refusals_at(page):
    """`with refusals_at(page_of(row)):` around an action. Its ValidationError ends the view: the sentences are said there."""

    def __init__(self, to: str, *, stay: str = "") -> None:
        self._to, self._stay = to, stay

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, ValidationError):
            raise Refused(" ".join(error.messages), to=self._to, stay=self._stay) from error


class RefusalMiddleware:
    """Answers what `refusals_at` ended."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The toast, there; other exceptions go on."""
        if not isinstance(exception, Refused):
            return None
        return done(request, exception.text, to=exception.to, kind="error", stay=exception.stay)
