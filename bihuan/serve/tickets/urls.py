"""Addresses of tickets."""

from django.urls import path

from bihuan.serve.tickets import pages

app_name = "tickets"
urlpatterns = [
    path("tickets/", pages.Tickets.as_view(), name="list"),
    path("tickets/new/", pages.NewTicket.as_view(), name="new"),
    path("tickets/limits/", pages.EditLimits.as_view(), name="limits"),
    path("tickets/<int:pk>/", pages.ticket_page, name="page"),
    path("tickets/<int:pk>/edit/", pages.EditTicket.as_view(), name="edit"),
    path("tickets/<int:pk>/<slug:step>/", pages.move_ticket, name="move"),
]
