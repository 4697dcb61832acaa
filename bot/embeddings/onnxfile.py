"""A network in the ONNX format, written by hand: the package ``onnx`` weighs more than the model.

The numbers of fields and types are those of ``onnx.proto`` (messages ModelProto, GraphProto,
NodeProto, AttributeProto, TensorProto, ValueInfoProto) in the encoding of Protocol Buffers.
"""

import struct
from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

IR_VERSION: Final = 8
OPSETS: Final = (("", 18), ("com.microsoft", 1))
"""The operators of ONNX itself and those that onnxruntime adds."""
FLOAT: Final = 1
_TYPES: Final = {"f4": FLOAT, "u1": 2}
_LENGTH_GIVEN: Final = 2
_FOUR_BYTES: Final = 5


class Network:
    """Collects the operations of a network in the order they are done."""

    def __init__(self) -> None:
        self._nodes: list[bytes] = []
        self._constants: dict[str, bytes] = {}

    def constant(self, name: str, value: npt.NDArray[Any]) -> str:
        """Keep ``value``; returns ``name`` as an input for operations."""
        values = np.ascontiguousarray(value)
        dimensions = b"".join(_number(1, size) for size in value.shape)
        kind = _number(2, _TYPES[values.dtype.str[1:]])
        packed = _bytes(9, values.tobytes())
        self._constants[name] = _bytes(5, dimensions + kind + _text(8, name) + packed)
        return name

    def add(
        self,
        operator: str,
        inputs: Sequence[str],
        outputs: str | Sequence[str],
        domain: str = "",
        **attributes: float,
    ) -> str:
        """Add an operation; returns its first output. Attributes are integers or floats."""
        names = [outputs] if isinstance(outputs, str) else outputs
        node = _repeated(1, inputs) + _repeated(2, names) + _text(4, operator) + _text(7, domain)
        packed = b"".join(_bytes(5, _attribute(*pair)) for pair in attributes.items())
        self._nodes.append(_bytes(1, node + packed))
        return names[0]

    def written(self, given: str, result: str, shape: Sequence[int | str]) -> bytes:
        """The file; ``given`` and ``result`` are floats of the shape, words in it stand for any."""
        graph = [
            *self._nodes,
            _text(2, "network"),
            *self._constants.values(),
            _bytes(11, _value(given, shape)),
            _bytes(12, _value(result, shape)),
        ]
        opsets = (_bytes(8, _text(1, name) + _number(2, version)) for name, version in OPSETS)
        length = _varint(7 << 3 | _LENGTH_GIVEN) + _varint(sum(map(len, graph)))
        return b"".join((_number(1, IR_VERSION), *opsets, length, *graph))


def _attribute(name: str, value: float) -> bytes:
    if isinstance(value, int):
        return _text(1, name) + _number(3, value) + _number(20, 2)
    packed = _varint(2 << 3 | _FOUR_BYTES) + struct.pack("<f", value)
    return _text(1, name) + packed + _number(20, 1)


def _value(name: str, shape: Iterable[int | str]) -> bytes:
    sizes = (_number(1, size) if isinstance(size, int) else _text(2, size) for size in shape)
    dimensions = b"".join(_bytes(1, size) for size in sizes)
    tensor = _number(1, FLOAT) + _bytes(2, dimensions)
    return _text(1, name) + _bytes(2, _bytes(1, tensor))


def _repeated(field: int, names: Iterable[str]) -> bytes:
    return b"".join(_text(field, name) for name in names)


def _text(field: int, value: str) -> bytes:
    return _bytes(field, value.encode())


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | _LENGTH_GIVEN) + _varint(len(value)) + value


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _varint(value: int) -> bytes:
    """Seven bits a byte, the lowest first; all but the last with the highest bit set."""
    packed = bytearray()
    while value > 127:
        packed.append(value & 127 | 128)
        value >>= 7
    packed.append(value)
    return bytes(packed)
