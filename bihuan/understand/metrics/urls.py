"""Addresses of the metric system. `/metrics` without a slash is what machines read (bihuan.site)."""

from django.urls import path

from bihuan.understand.metrics.pages import history, metric, products, tree

app_name = "metrics"
urlpatterns = [
    path("metrics/", tree.tree, name="tree"),
    path("metrics/all/", tree.listed, name="list"),
    path("metrics/new/", metric.NewMetric.as_view(), name="new"),
    path("metrics/alerts/<int:pk>/", metric.EditAlert.as_view(), name="alert"),
    path("metrics/of/<slug:key>/", metric.metric_page, name="metric"),
    path("metrics/of/<slug:key>/history/", history.history, name="history"),
    path("metrics/of/<slug:key>/edit/", metric.EditMetric.as_view(), name="edit"),
    path("metrics/of/<slug:key>/remove/", metric.remove, name="remove"),
    path("metrics/of/<slug:key>/target/", metric.NewTarget.as_view(), name="target"),
    path("metrics/of/<slug:key>/alert/", metric.NewAlert.as_view(), name="new_alert"),
    path("products/<int:pk>/", products.product_page, name="product"),
    path("products/<int:pk>/stage/", products.OverrideStage.as_view(), name="override_stage"),
    path("products/<int:pk>/stage/count/", products.count_stage, name="count_stage"),
    path("products/<int:pk>/stage/end/", products.drop_stage, name="drop_stage"),
]
