"""The API for language models and other agents, by the Model Context Protocol, and `/llms.txt`.

Without this folder and two lines of `app/main.py` the API is whole.
"""
