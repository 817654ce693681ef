"""The pages of blanks: stock, allotments, spoiled blanks."""
