"""The API for language models and other agents, by the Model Context Protocol, and `/llms.txt`.

Nothing imports this package but `app.main`; without it the API is whole.
"""
