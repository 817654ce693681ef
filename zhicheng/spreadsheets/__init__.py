"""Reading what people send as spreadsheets, without trusting it; no Django, no database."""
