import { INITIALIZER, NODE, NODE_FIELDS } from './onnx.ts';
import { bytesField, bytesOf, fieldsOf, textField, textOf } from './protobuf.ts';
import type { Bytes, Piece, Span } from './protobuf.ts';
import { areNarrow, readGraph, singleTensor, withGraph } from './weights.ts';
import type { Node, Weights } from './weights.ts';

/**
 * A model with nothing left to do but to compute: its weights in single precision, and without the Casts that
 * it begins and ends with, which change nothing then. Left to itself the runtime does the same when a session
 * starts, with code that the browser has only just got, which takes longer than all the rest.
 * @param file an ONNX file, whose Casts are all to single precision
 * @returns a changed copy, that gives the same
 */
export function foldConstants(file: Bytes): Bytes {
  return withGraph(file, foldedGraph);
}

function foldedGraph(file: Bytes, graph: Span): Piece[] {
  const fields = fieldsOf(file, graph);
  const { nodes: all, weights } = readGraph(file, fields);
  const { nodes, names } = withoutEnds(all);
  const renamed = (name: string) => names.get(name) ?? name;
  const read = new Set(nodes.flatMap(({ inputs }) => inputs.map(renamed)));
  return [
    ...nodes.flatMap((node) => bytesField(NODE, renameEnds(file, node, renamed))),
    ...[...weights].flatMap(([name, each]) =>
      read.has(name) ? bytesField(INITIALIZER, foldedTensor(file, each, name)) : [],
    ),
    ...fields.flatMap((field) =>
      field.number === NODE || field.number === INITIALIZER ? [] : [bytesOf(file, field)],
    ),
  ];
}

/**
 * The nodes between the Casts that come first, and those that come last; and
 * other names for what these read and gave.
 */
function withoutEnds(all: readonly Node[]): { nodes: readonly Node[]; names: ReadonlyMap<string, string> } {
  const first = all.findIndex(({ operator }) => operator !== 'Cast');
  const end = 1 + all.findLastIndex(({ operator }) => operator !== 'Cast' && operator !== 'Identity');
  const names = new Map<string, string>();
  for (const { inputs, output } of all.slice(0, first)) names.set(output, inputs[0] ?? '');
  // From the end, since an Identity has the Cast before it as its input.
  for (const { inputs, output } of all.slice(end).toReversed()) {
    names.set(inputs[0] ?? '', names.get(output) ?? output);
  }
  return { nodes: all.slice(first, end), names };
}

function renameEnds(file: Bytes, { content }: Node, renamed: (name: string) => string): Piece[] {
  return fieldsOf(file, content).flatMap((field) =>
    field.number === NODE_FIELDS.input || field.number === NODE_FIELDS.output
      ? textField(field.number, renamed(textOf(file, field.content)))
      : [bytesOf(file, field)],
  );
}

function foldedTensor(file: Bytes, weights: Weights, name: string): Piece[] {
  return areNarrow(file, weights) ? singleTensor(file, weights, name) : [bytesOf(file, weights.content)];
}
