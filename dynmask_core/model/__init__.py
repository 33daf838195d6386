"""The compact Transformer: an encoder that follows a MaskPlan and, on request, shows its internals.

Read in this order: `stream` (what flows through it), `embedding`, `attention`, `encoder`, `heads` (one per task);
`load` reads weights that others have pre-trained.

Letters in shapes: B samples, T positions (the special unit first), T' of them left, D model width, H heads,
L layers, C classes, V words.
"""

from dynmask_core.model.embedding import Embedding, FeatureEmbedding, TokenEmbedding
from dynmask_core.model.encoder import Encoded, Encoder, LayerPlan, Request, Trace
from dynmask_core.model.heads import Backbone, Classifier, Marker, MaskedLM, Output

__all__ = [
    "Backbone",
    "Classifier",
    "Embedding",
    "Encoded",
    "Encoder",
    "FeatureEmbedding",
    "LayerPlan",
    "Marker",
    "MaskedLM",
    "Output",
    "Request",
    "TokenEmbedding",
    "Trace",
]
