"""Pages of tickets and of their time limits."""

from bihuan.serve.tickets.pages.limits import EditLimits
from bihuan.serve.tickets.pages.tickets import EditTicket, NewTicket, Tickets, move_ticket, ticket_page

__all__ = ["EditLimits", "EditTicket", "NewTicket", "Tickets", "move_ticket", "ticket_page"]
