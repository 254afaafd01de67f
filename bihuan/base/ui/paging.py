"""Pages of the API's lists: `limit` and `offset`, both within what a database counts."""

from ninja import Field
from ninja.pagination import LimitOffsetPagination

MOST_ROWS = 1000
LAST_ROW = 2**53


class Paging(LimitOffsetPagination):
    """The default of every list (NINJA_PAGINATION_CLASS)."""

    class Input(LimitOffsetPagination.Input):
        limit: int = Field(100, ge=1, le=MOST_ROWS)
        offset: int = Field(0, ge=0, le=LAST_ROW)
