from tests.serving import app, avatar, registry, server_url, voice

__all__ = ["app", "avatar", "registry", "server_url", "voice"]
