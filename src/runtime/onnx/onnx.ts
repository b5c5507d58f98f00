/* The numbers of onnx.proto that are needed here. */

export const GRAPH = 7;
export const NODE = 1;
export const INITIALIZER = 5;
export const NODE_FIELDS = { input: 1, output: 2, operator: 4, attribute: 5 };
export const TENSOR_FIELDS = { type: 2, name: 8, data: 9 };
/** Of an attribute that is a whole number. */
export const ATTRIBUTE_NUMBER = 3;
/** Types of values. */
export const FLOAT = 1;
export const INT8 = 3;
export const FLOAT16 = 10;
