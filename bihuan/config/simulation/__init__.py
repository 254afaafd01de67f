"""The simulated company: a year of customers with a known truth (docs/SIMULATION.md). Pure code, no Django.

`load.py` puts a company into the house through the importer's doors.
"""

from .company import Company, simulate
from .events import EVENT_NAMES, EventChunk

__all__ = ["EVENT_NAMES", "Company", "EventChunk", "simulate"]
