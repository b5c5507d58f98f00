import protobuf from 'protobufjs';
import type { Attribute, Constant, Graph, Node, Value } from './graph.ts';
import { encodeHalvesExactly } from './half.ts';

/** Opset 17 belongs to version 8 of the file format. */
const OPSET = 17;
const IR_VERSION = 8;

/** ONNX Runtime's own operators; all others are ONNX's. */
const OWN_DOMAIN = 'com.microsoft';
const OWN_OPERATORS = new Set(['FusedConv']);

/** `TensorProto.DataType`. */
export const FLOAT = 1;
const INT8 = 3;
const INT64 = 7;
const FLOAT16 = 10;

/** The name of every value's first dimension, by which a runtime that wants a fixed size gives it one. */
const BATCH = 'batch';

/** `AttributeProto.AttributeType`. */
const ATTRIBUTE_FLOAT = 1;
const ATTRIBUTE_INT = 2;
const ATTRIBUTE_STRING = 3;
const ATTRIBUTE_FLOATS = 6;
const ATTRIBUTE_INTS = 7;

/**
 * `onnx.proto` is proto2, whose lists of numbers are not packed, while the package's own default is packed.
 */
const options = { packed: false };

/**
 * The messages of `onnx.proto` that are written here, each with the fields that are, by their numbers there.
 */
export const ModelProto = protobuf.Root.fromJSON({
  nested: {
    ModelProto: {
      fields: {
        irVersion: { type: 'int64', id: 1 },
        producerName: { type: 'string', id: 2 },
        graph: { type: 'GraphProto', id: 7 },
        opsetImport: { rule: 'repeated', type: 'OperatorSetIdProto', id: 8 },
        metadataProps: { rule: 'repeated', type: 'StringStringEntryProto', id: 14 },
      },
    },
    OperatorSetIdProto: { fields: { domain: { type: 'string', id: 1 }, version: { type: 'int64', id: 2 } } },
    StringStringEntryProto: { fields: { key: { type: 'string', id: 1 }, value: { type: 'string', id: 2 } } },
    GraphProto: {
      fields: {
        node: { rule: 'repeated', type: 'NodeProto', id: 1 },
        name: { type: 'string', id: 2 },
        initializer: { rule: 'repeated', type: 'TensorProto', id: 5 },
        input: { rule: 'repeated', type: 'ValueInfoProto', id: 11 },
        output: { rule: 'repeated', type: 'ValueInfoProto', id: 12 },
      },
    },
    NodeProto: {
      fields: {
        input: { rule: 'repeated', type: 'string', id: 1 },
        output: { rule: 'repeated', type: 'string', id: 2 },
        name: { type: 'string', id: 3 },
        opType: { type: 'string', id: 4 },
        attribute: { rule: 'repeated', type: 'AttributeProto', id: 5 },
        domain: { type: 'string', id: 7 },
      },
    },
    AttributeProto: {
      fields: {
        name: { type: 'string', id: 1 },
        f: { type: 'float', id: 2 },
        i: { type: 'int64', id: 3 },
        s: { type: 'bytes', id: 4 },
        floats: { rule: 'repeated', type: 'float', id: 7, options },
        ints: { rule: 'repeated', type: 'int64', id: 8, options },
        type: { type: 'int32', id: 20 },
      },
    },
    TensorProto: {
      fields: {
        dims: { rule: 'repeated', type: 'int64', id: 1, options },
        dataType: { type: 'int32', id: 2 },
        name: { type: 'string', id: 8 },
        rawData: { type: 'bytes', id: 9 },
      },
    },
    ValueInfoProto: { fields: { name: { type: 'string', id: 1 }, type: { type: 'TypeProto', id: 2 } } },
    TypeProto: { fields: { tensorType: { type: 'TensorTypeProto', id: 1 } } },
    TensorTypeProto: {
      fields: { elemType: { type: 'int32', id: 1 }, shape: { type: 'TensorShapeProto', id: 2 } },
    },
    TensorShapeProto: { fields: { dim: { rule: 'repeated', type: 'DimensionProto', id: 1 } } },
    DimensionProto: { fields: { dimValue: { type: 'int64', id: 1 }, dimParam: { type: 'string', id: 2 } } },
  },
}).lookupType('ModelProto');

/**
 * The bytes of an ONNX file. Weights that are float16 numbers exactly, which is all that came as
 * float16, are stored as such with a Cast each: half the size. ONNX Runtime folds the Casts while it loads
 * the model; the engine widens such weights as it packs them. Those of 8 bits are codes with a
 * DequantizeLinear, which `src/runtime/onnx/weights.ts` takes out for both.
 */
export function encodeOnnx(graph: Graph, metadata: Readonly<Record<string, string>>): Uint8Array {
  const constants = graph.constants.map(encodeConstant);
  const unpacking = [
    ...constants.flatMap(({ scalings }) => scalings),
    ...constants.flatMap(({ casts }) => casts),
  ];
  const nodes = graph.nodes.map(({ operator, inputs, outputs, attributes }) => ({
    input: inputs,
    output: outputs,
    name: outputs[0],
    opType: operator,
    attribute: Object.entries(attributes).map(encodeAttribute),
    ...(OWN_OPERATORS.has(operator) && { domain: OWN_DOMAIN }),
  }));
  return ModelProto.encode({
    irVersion: IR_VERSION,
    producerName: 'body21',
    opsetImport: [
      { domain: '', version: OPSET },
      { domain: OWN_DOMAIN, version: 1 },
    ],
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    graph: {
      node: [...unpacking, ...nodes],
      name: graph.name,
      initializer: constants.flatMap(({ tensors }) => tensors),
      input: graph.inputs.map(encodeValue),
      output: graph.outputs.map(encodeValue),
    },
  }).finish();
}

/** The tensors that hold a constant, and the nodes that make it of them. */
function encodeConstant(constant: Constant): { tensors: object[]; scalings: object[]; casts: object[] } {
  const { name, shape, values, weights, switchable, codes } = constant;
  const tensor = (own: string, dataType: number, rawData: Uint8Array, dims = shape): object => ({
    name: own,
    dims,
    dataType,
    rawData,
  });
  if (!(values instanceof Float32Array))
    return { tensors: [tensor(name, INT64, bytesOf(values))], scalings: [], casts: [] };
  const halves = weights && !codes ? encodeHalvesExactly(values) : undefined;
  const isCast = halves !== undefined || switchable === true;
  const single = isCast ? `${name}_f32` : name;
  const stored = halves ? `${name}_f16` : single;
  const casts = isCast ? [encodeNode('Cast', [stored], name, { to: FLOAT })] : [];
  if (!codes) {
    const [type, bytes] = halves ? ([FLOAT16, halves] as const) : ([FLOAT, bytesOf(values)] as const);
    return { tensors: [tensor(stored, type, bytes)], scalings: [], casts };
  }
  const [parts, scales] = [`${name}_codes`, `${name}_scales`];
  return {
    tensors: [
      tensor(parts, INT8, bytesOf(codes.values)),
      tensor(scales, FLOAT, bytesOf(codes.scales), [codes.scales.length]),
    ],
    scalings: [encodeNode('DequantizeLinear', [parts, scales], single, { axis: 0 })],
    casts,
  };
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function encodeNode(
  operator: string,
  inputs: readonly string[],
  output: string,
  attributes: Node['attributes'],
) {
  return {
    input: inputs,
    output: [output],
    name: output,
    opType: operator,
    attribute: Object.entries(attributes).map(encodeAttribute),
  };
}

function encodeAttribute([name, value]: [string, Attribute]) {
  if (typeof value === 'number') return { name, type: ATTRIBUTE_INT, i: value };
  if (typeof value === 'string') return { name, type: ATTRIBUTE_STRING, s: new TextEncoder().encode(value) };
  if ('float' in value) return { name, type: ATTRIBUTE_FLOAT, f: value.float };
  if ('floats' in value) return { name, type: ATTRIBUTE_FLOATS, floats: value.floats };
  return { name, type: ATTRIBUTE_INTS, ints: value };
}

function encodeValue({ name, shape }: Value) {
  const [batch, ...others] = shape;
  // It would have to be a multiple of the batch, which this form cannot say.
  if (batch !== 1)
    throw new Error(`“${name}” has the shape [${shape.join()}], expected 1 in the first place`);
  const dim = [{ dimParam: BATCH }, ...others.map((dimValue) => ({ dimValue }))];
  return { name, type: { tensorType: { elemType: FLOAT, shape: { dim } } } };
}
