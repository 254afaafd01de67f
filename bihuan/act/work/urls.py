"""Addresses of work."""

from django.urls import path

from bihuan.act.work.pages import bench, board, governing, instances, item, talking

app_name = "work"
urlpatterns = [
    path("bench/", bench.Bench.as_view(), name="bench"),
    path("bench/queue/", bench.Queue.as_view(), name="queue"),
    path("bench/move/", board.move, name="move"),
    path("instances/", instances.Instances.as_view(), name="instances"),
    path("processes/<int:pk>/start/", instances.start, name="start"),
    path("instances/<int:pk>/", instances.instance_page, name="instance"),
    path("instances/<int:pk>/pause/", governing.Pause.as_view(), name="pause"),
    path("instances/<int:pk>/resume/", governing.resume, name="resume"),
    path("instances/<int:pk>/again/", governing.try_again, name="try_again"),
    path("instances/<int:pk>/end/", governing.Cancel.as_view(), name="cancel"),
    path("instances/<int:pk>/version/", governing.ChangeVersion.as_view(), name="change_version"),
    path("instances/<int:pk>/add/", governing.AddStep.as_view(), name="add_step"),
    path("instances/<int:pk>/ahead/", governing.DoAhead.as_view(), name="do_ahead"),
    path("deviations/<int:pk>/review/", governing.Review.as_view(), name="review"),
    path("work-items/", bench.AllItems.as_view(), name="items"),
    path("work-items/<int:pk>/", item.item_page, name="item"),
    path("work-items/<int:pk>/complete/", item.complete, name="complete"),
    path("work-items/<int:pk>/claim/", item.claim, name="claim"),
    path("work-items/<int:pk>/return/", item.give_back, name="give_back"),
    path("work-items/<int:pk>/vote/", item.vote, name="vote"),
    path("work-items/<int:pk>/ticks/<int:line>/", item.tick, name="tick"),
    path("work-items/<int:pk>/delegate/", item.Delegate.as_view(), name="delegate"),
    path("work-items/<int:pk>/ask/", item.AskAlso.as_view(), name="ask_also"),
    path("work-items/<int:pk>/say/", talking.say, name="say"),
    path("work-items/<int:pk>/link/", talking.Invite.as_view(), name="invite"),
    path("work-files/<int:pk>/", talking.file, name="file"),
    path("work-links/<int:pk>/revoke/", talking.revoke, name="revoke"),
    path("work-accounts/", talking.find_accounts, name="find_accounts"),
    path("do/<str:secret>/", talking.guest, name="guest"),
    path("work-items/<int:pk>/skip/", item.Skip.as_view(), name="skip"),
    path("work-items/<int:pk>/reassign/", item.Reassign.as_view(), name="reassign"),
]
