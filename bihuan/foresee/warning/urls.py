"""Addresses of the early warning."""

from django.urls import path

from bihuan.foresee.warning.pages import backtest, risks

app_name = "warning"
urlpatterns = [
    path("warning/", risks.Risks.as_view(), name="list"),
    path("warning/backtest/", backtest.backtest_page, name="backtest"),
    path("warning/models/", backtest.models_page, name="models"),
    path("warning/models/train/", backtest.train, name="train"),
    path("warning/models/settings/", backtest.EditSettings.as_view(), name="settings"),
    path("warning/models/<int:version>/", backtest.models_page, name="model"),
    path("warning/models/<int:version>/backtest/", backtest.backtest_page, name="model_backtest"),
    path("warning/models/<int:version>/in-force/", backtest.put_in_force, name="put_in_force"),
    path("warning/models/<int:version>/decline/", backtest.keep, name="keep"),
]
