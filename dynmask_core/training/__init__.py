"""From settings and data to trained arms: `fit` yields what happens, and knows nothing of files, processes or pages."""
