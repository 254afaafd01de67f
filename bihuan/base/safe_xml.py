"""XML that strangers hand in: no document type, no entities, nothing fetched, bounded in size and depth."""

from typing import Any

from lxml import etree

MOST_BYTES = 2_000_000
MOST_ELEMENTS = 20_000


class XmlRefused(ValueError):
    """A file that is not read; `reason` is one of "size", "doctype", "malformed", "elements", the message says more."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def read_xml(text: str | bytes) -> etree._Element:
    """The root element; XmlRefused for what is too large, broken, or brings a document type of its own.

    Comments and processing instructions stay where they stand; entities are never resolved and nothing is loaded.
    """
    try:
        raw = text.encode() if isinstance(text, str) else text
    except UnicodeEncodeError as error:
        raise XmlRefused("malformed", f"the file is not well-formed XML: {error}") from None
    if len(raw) > MOST_BYTES:
        raise XmlRefused("size", f"the file has {len(raw)} bytes; {MOST_BYTES} are allowed")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False
    )
    try:
        root = etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise XmlRefused("malformed", f"the file is not well-formed XML: {error}") from None
    about: Any = root.getroottree().docinfo
    if about.doctype or about.internalDTD is not None:
        raise XmlRefused("doctype", "the file declares a document type, which is never read")
    if sum(1 for _ in root.iter()) > MOST_ELEMENTS:
        raise XmlRefused("elements", f"the file has more than {MOST_ELEMENTS} elements")
    return root
