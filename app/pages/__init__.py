"""Pages to look at: the API's own answers as HTML, drawn here, without JavaScript where it is switched off.

A page is a function of a visit, which asks the API and gives what its template shows. Nothing imports this package but
`app.main`, in three lines; without them the API is whole.
"""
