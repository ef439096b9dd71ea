"""Room 4, to whom it is shown: the JSON API and the web pages."""
