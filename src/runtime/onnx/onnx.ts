/* The numbers of onnx.proto that are needed here. */

export const GRAPH = 7;
export const GRAPH_FIELDS = { node: 1, initializer: 5, input: 11, output: 12 };
export const NODE_FIELDS = { input: 1, output: 2, operator: 4, attribute: 5 };
export const ATTRIBUTE_FIELDS = { name: 1, float: 2, integer: 3, text: 4, floats: 7, integers: 8, type: 20 };
export const TENSOR_FIELDS = { dimension: 1, type: 2, name: 8, data: 9 };
/** Of an input or an output: its type is that of a tensor, whose shape has dimensions, each of a size. */
export const VALUE_FIELDS = { name: 1, type: 2, tensor: 1, shape: 2, dimension: 1, size: 1 };
/** What an attribute is. */
export const ATTRIBUTE_TYPES = { float: 1, integer: 2, text: 3, floats: 6, integers: 7 };
/** Types of values. */
export const FLOAT = 1;
export const INT8 = 3;
export const INT64 = 7;
export const FLOAT16 = 10;
