import { ATTRIBUTE_FIELDS, FLOAT, FLOAT16, GRAPH, GRAPH_FIELDS, NODE_FIELDS } from './onnx.ts';
import { fieldsOf, firstOf, textOf } from './protobuf.ts';
import type { Bytes, Span } from './protobuf.ts';

/**
 * Makes a model compute in float16, where it lies: a copy would be of
 * megabytes. Its inputs and outputs stay float32.
 * @param bytes an ONNX file that is made for this: its first nodes are the
 * Casts of all that enters the computation
 * @param halfCasts how many these are, as the manifest says
 * @throws Error where the file has another number of such Casts in the first place
 */
export function toHalfPrecision(bytes: Bytes, halfCasts: number): void {
  const types = typesOfFirstCasts(bytes);
  if (types.length !== halfCasts || halfCasts === 0) {
    throw new Error(
      `the model begins with ${types.length} casts to switch to float16, expected ${halfCasts}`,
    );
  }
  for (const { start } of types) bytes[start] = FLOAT16;
}

/** Where the types are, of one byte each, of the Casts to single precision that a model begins with. */
function typesOfFirstCasts(file: Bytes): Span[] {
  const graph = firstOf(fieldsOf(file, { start: 0, end: file.length }), GRAPH);
  const nodes = fieldsOf(file, graph).filter(({ number }) => number === GRAPH_FIELDS.node);
  const types: Span[] = [];
  for (const { content } of nodes) {
    const fields = fieldsOf(file, content);
    const type = firstOf(fieldsOf(file, firstOf(fields, NODE_FIELDS.attribute)), ATTRIBUTE_FIELDS.integer);
    if (textOf(file, firstOf(fields, NODE_FIELDS.operator)) !== 'Cast' || file[type.start] !== FLOAT) break;
    types.push(type);
  }
  return types;
}
