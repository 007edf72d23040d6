"""The HTTP service: the contract's routes, OpenAI's API, MCP, and a page for a citation.

A thin front: every answer comes from ``Assistant``. ``create_app`` makes the application,
``serve`` runs it. Importing this package loads FastAPI, so only the commands that need it do.
"""
