"""What a person likes is kept with the person."""


def test_theme_and_density_are_kept(cast):
    client = cast.client("mei")
    assert client.post("/preferences/", {"theme": "dark"}).status_code == 204
    client.post("/preferences/", {"density": "compact", "theme": "nonsense"})
    cast.mei.refresh_from_db()
    assert (cast.mei.theme, cast.mei.density) == ("dark", "comfortable")
    client.post("/preferences/", {"density": "compact"})
    cast.mei.refresh_from_db()
    assert cast.mei.density == "compact"


def test_simulated_data_is_labelled(cast, event_home):
    from django.core.cache import cache

    cache.clear()
    assert "Simulated data" not in cast.client("mei").get("/").content.decode()
    cast.yunshan.simulated = True
    cast.yunshan.save()
    cache.clear()
    assert "Simulated data" in cast.client("mei").get("/").content.decode()
    cache.clear()
