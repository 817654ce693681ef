"""Long work in the background: asked for on a page, done by the worker, watched with a bar."""
