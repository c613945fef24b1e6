"""Tables: the columns of forms, and files that hold them with their types, for data frames and spreadsheets."""
