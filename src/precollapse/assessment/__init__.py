"""The assessment document and how it is put together from what the engine found."""
