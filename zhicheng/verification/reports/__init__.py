"""Verification reports: a holder's paper that anybody can check by its code for some months."""
