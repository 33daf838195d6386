"""What the tasks of marking units and of writing show in addition to what every run shows."""
