"""What can be done with the store from a terminal, with JupyterLab or without."""
