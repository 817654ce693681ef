"""How public questions are limited, challenged and answered evenly; ``web.limits`` is its face."""
