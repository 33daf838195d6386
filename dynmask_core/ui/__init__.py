"""The only package that imports streamlit: the mask player, shared parts of the pages, and the catalogue of masks."""
