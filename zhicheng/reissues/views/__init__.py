"""The pages of replacement and renewal: for holders, for their unit, for everybody who signs."""
