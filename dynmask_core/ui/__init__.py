"""The only room that imports streamlit: the mask player, the pages' shared parts and the catalogues."""
