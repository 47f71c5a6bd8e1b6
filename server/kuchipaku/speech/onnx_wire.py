"""Just enough of ONNX's protobuf wire format to expose an inner value of a graph as one more output.

The numbers are field numbers of ``onnx.proto3``; the encoding is described at
https://protobuf.dev/programming-guides/encoding. It saves the server from depending on the ``onnx`` package.
"""

from __future__ import annotations

from collections.abc import Iterator

_MODEL_GRAPH = 7
_GRAPH_NODE = 1
_GRAPH_OUTPUT = 12
_NODE_INPUT = 1
_NODE_OUTPUT = 2
_NODE_OP_TYPE = 4
_VALUE_NAME = 1

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


def output_of_following(model: bytes, first_op: str, second_op: str) -> str:
    """Name of the value that the only ``second_op`` node makes from the output of a ``first_op`` node.

    Raises:
        ValueError: the bytes are not a model, or hold no such pair of nodes, or several.
    """
    nodes = list(_nodes(model))
    firsts = {output for op, _, outputs in nodes if op == first_op for output in outputs}
    found = [outputs[0] for op, inputs, outputs in nodes if op == second_op and firsts.intersection(inputs)]
    if len(found) != 1:
        raise ValueError(f"The graph holds {len(found)} {second_op} nodes after a {first_op}, not one.")
    return found[0]


def with_output(model: bytes, name: str) -> bytes:
    """The model with the value ``name`` as one more graph output, after the others.

    Protobuf merges a message that occurs twice in a stream, so a second, tiny graph with nothing but the new
    output is appended and the model itself stays as it is.
    """
    value_info = _field(_VALUE_NAME, name.encode())
    return model + _field(_MODEL_GRAPH, _field(_GRAPH_OUTPUT, value_info))


def _nodes(model: bytes) -> Iterator[tuple[str, list[str], list[str]]]:
    for graph_field, graph in _fields(memoryview(model)):
        if graph_field != _MODEL_GRAPH:
            continue
        for node_field, node in _fields(graph):
            if node_field == _GRAPH_NODE:
                yield _node(node)


def _node(node: memoryview) -> tuple[str, list[str], list[str]]:
    op, inputs, outputs = "", [], []
    for field, value in _fields(node):
        if field == _NODE_OP_TYPE:
            op = str(value, "utf-8")
        elif field == _NODE_INPUT:
            inputs.append(str(value, "utf-8"))
        elif field == _NODE_OUTPUT:
            outputs.append(str(value, "utf-8"))
    return op, inputs, outputs


def _fields(message: memoryview) -> Iterator[tuple[int, memoryview]]:
    """The fields of a message in order; numbers come as empty values, since no name or message is one."""
    position = 0
    while position < len(message):
        key, position = _varint(message, position)
        kind = key & 7
        length = 0
        if kind == _VARINT:
            _, position = _varint(message, position)
        elif kind in (_FIXED64, _FIXED32):
            position += 8 if kind == _FIXED64 else 4
        elif kind == _BYTES:
            length, position = _varint(message, position)
        else:
            raise ValueError("Not a protobuf message.")
        if position + length > len(message):
            raise ValueError("The protobuf message is truncated.")
        yield key >> 3, message[position : position + length]
        position += length


def _varint(message: memoryview, position: int) -> tuple[int, int]:
    value = shift = 0
    while position < len(message):
        byte = message[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
        shift += 7
    raise ValueError("The protobuf message is truncated.")


def _field(number: int, content: bytes) -> bytes:
    return _encode_varint(number << 3 | _BYTES) + _encode_varint(len(content)) + content


def _encode_varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
