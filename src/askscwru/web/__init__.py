"""The web page: answers, posts and conversations as HTML.

Rendered on the server with Jinja2, which escapes everything; nothing here knows of HTTP. The routes
that show it are in ``api/pages.py``.
"""
