"""From settings and data to trained arms: `fit` yields events and knows nothing about files, processes or pages."""
