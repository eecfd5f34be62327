"""What a sweep has to say to people: a table, pictures, one page.

`overview.overview` is a row a strategy, `pictures.pictures` the charts that answer the question, and
`html.render` the page with everything. Nothing is imported here: who wants the table needs neither charts nor
templates.
"""
