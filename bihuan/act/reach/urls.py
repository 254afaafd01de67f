"""Addresses of reach."""

from django.urls import path

from bihuan.act.reach.pages import channels, compose, messages, public, templates

app_name = "reach"
urlpatterns = [
    path("reach/", messages.Messages.as_view(), name="messages"),
    path("reach/new/", compose.compose, name="new"),
    path("reach/<int:pk>/", messages.message_page, name="message"),
    path("reach/<int:pk>/cancel/", messages.cancel, name="cancel"),
    path("reach/<int:pk>/retry/", messages.retry, name="retry"),
    path("reach/<int:pk>/arrived/", messages.confirm, name="confirm"),
    path("reach/templates/", templates.Templates.as_view(), name="templates"),
    path("reach/templates/new/", templates.NewTemplate.as_view(), name="new_template"),
    path("reach/templates/<int:pk>/", templates.template_page, name="template"),
    path("reach/templates/<int:pk>/edit/", templates.EditTemplate.as_view(), name="edit_template"),
    path("reach/templates/<int:pk>/remove/", templates.remove, name="remove_template"),
    path("reach/channels/", channels.Channels.as_view(), name="channels"),
    path("reach/channels/new/", channels.new_channel, name="new_channel"),
    path("reach/channels/new/<slug:kind>/", channels.AddChannel.as_view(), name="add_channel"),
    path("reach/channels/<int:pk>/", channels.channel_page, name="channel"),
    path("reach/channels/<int:pk>/edit/", channels.EditChannel.as_view(), name="edit_channel"),
    path("reach/channels/<int:pk>/secret/", channels.show_secret, name="secret"),
    path("reach/channels/<int:pk>/remove/", channels.remove, name="remove_channel"),
    path("reach/limits/", channels.EditLimits.as_view(), name="limits"),
    path("reach/declined/", channels.Declined.as_view(), name="declined"),
    path("reach/declined/new/", channels.Decline.as_view(), name="decline"),
    path("reach/declined/<int:pk>/", channels.declined_one, name="declined_one"),
    path("r/reach.js", public.script, name="script"),
    path("r/inbox", public.inbox, name="inbox"),
    path("r/seen", public.seen, name="seen"),
    path("r/c/<str:token>/", public.click, name="click"),
    path("r/u/<str:token>/", public.leave, name="leave"),
    path("r/o/<str:token>/", public.sight, name="sight"),
]
