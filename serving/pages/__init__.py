"""The web pages: one router per page, Jinja2 templates, plain forms."""
