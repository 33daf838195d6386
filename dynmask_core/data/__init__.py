"""From a file to a checked, split and tokenised data set."""

from dynmask_core.data.check import build
from dynmask_core.data.columns import guess, validate_columns
from dynmask_core.data.dataset import Dataset
from dynmask_core.data.planted import Planted, planted
from dynmask_core.data.readers import read_bytes, read_path
from dynmask_core.data.report import Report
from dynmask_core.data.roles import Columns
from dynmask_core.data.samples import Sample, list_samples, load_sample, resolve
from dynmask_core.data.split import stratified_split
from dynmask_core.data.table import Table
from dynmask_core.data.template import template_csv
from dynmask_core.data.warning import DataWarning

__all__ = [
    "Columns",
    "DataWarning",
    "Dataset",
    "Planted",
    "Report",
    "Sample",
    "Table",
    "build",
    "guess",
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
