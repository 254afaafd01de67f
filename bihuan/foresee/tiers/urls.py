"""Addresses of tiers."""

from django.urls import path

from bihuan.foresee.tiers.pages import accounts, serving, table

app_name = "tiers"
urlpatterns = [
    path("tiers/", table.rules_page, name="rules"),
    path("tiers/preview/", table.preview, name="preview"),
    path("tiers/save/", table.save, name="save"),
    path("tiers/apply/", table.apply, name="apply"),
    path("tiers/file/", table.as_file, name="file"),
    path("tiers/versions/<int:version>/restore/", table.restore, name="restore"),
    path("tiers/moves/", accounts.TierMoves.as_view(), name="moves"),
    path("tiers/pareto/", serving.pareto_page, name="pareto"),
    path("tiers/policy/", serving.policy_page, name="policy"),
    path("tiers/policy/<slug:tier>/", serving.EditPolicy.as_view(), name="edit_policy"),
    path("tiers/capacity/<int:pk>/", serving.EditCapacity.as_view(), name="capacity"),
    path("accounts/<int:account>/tier/exception/", accounts.GrantException.as_view(), name="exception"),
    path("accounts/<int:account>/tier/exception/end/", accounts.drop_exception, name="drop_exception"),
    path("accounts/<int:account>/tier/scores/", accounts.JudgeAccount.as_view(), name="scores"),
]
