"""How an event's report looks: the same sections as text, Markdown, HTML and PDF."""
