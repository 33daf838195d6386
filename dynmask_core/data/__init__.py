"""From a file to a checked, split and tokenised data set."""

from dynmask_core.data.check import Dataset, build
from dynmask_core.data.columns import Columns, guess_columns, validate_columns
from dynmask_core.data.planted import Planted, planted
from dynmask_core.data.read import Table, read_bytes, read_path
from dynmask_core.data.report import DataWarning, Report
from dynmask_core.data.samples import Sample, list_samples, load_sample, resolve
from dynmask_core.data.split import stratified_split
from dynmask_core.data.template import template_csv

__all__ = [
    "Columns",
    "DataWarning",
    "Dataset",
    "Planted",
    "Report",
    "Sample",
    "Table",
    "build",
    "guess_columns",
    "list_samples",
    "load_sample",
    "planted",
    "read_bytes",
    "read_path",
    "resolve",
    "stratified_split",
    "template_csv",
    "validate_columns",
]
