import httpx


def test_pages_and_their_files_have_the_right_types(server_url: str) -> None:
    with httpx.Client(base_url=server_url) as client:
        for path, media_type in [
            ("/", "text/html"),
            ("/obs/default", "text/html"),
            ("/client/studio.js", "text/javascript"),
            ("/client/style.css", "text/css"),
            ("/favicon.ico", "image/svg+xml"),
        ]:
            answer = client.get(path)
            assert answer.status_code == client.head(path).status_code == 200, path
            assert answer.headers["content-type"].startswith(media_type), path
            assert answer.headers["cache-control"] == "no-cache", path


def test_missing_files_are_reported_like_every_error(server_url: str) -> None:
    answer = httpx.get(f"{server_url}/client/absent.js")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not-found"
