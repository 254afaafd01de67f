"""Notices beside the bench."""

from bihuan.base.notices.kinds import NoticeKind, notice_kind, notice_kinds

__all__ = ["NoticeKind", "notice_kind", "notice_kinds"]
