import { ModelProto } from '../../models/build/onnx.ts';

/** `TensorProto.DataType`. */
const FLOAT16 = 10;

/** The part of a decoded ONNX file that is looked into. */
interface Onnx {
  graph: { initializer: { dims: number[]; dataType: number; rawData: Uint8Array }[] };
}

/**
 * The file with another sign on one weight: that of median size in a filter, chosen by where the filter lies
 * among all. The largest would not do, since it often belongs to a channel that is always zero.
 */
export function withChangedWeight(onnx: Uint8Array, place: number): Uint8Array {
  // Of a copy, since decoded tensors may be views of the bytes they come from.
  const model = ModelProto.toObject(ModelProto.decode(Uint8Array.from(onnx)), { longs: Number }) as Onnx;
  const filters = model.graph.initializer.filter(
    ({ dims, dataType }) => dataType === FLOAT16 && dims.length === 4,
  );
  const data = filters[Math.round(place * (filters.length - 1))]?.rawData;
  if (!data) throw new Error('no filters found');
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  // Without its sign bit, a half is the larger the larger its bits are as a whole number.
  const magnitude = (at: number): number => view.getUint16(at, true) & 0x7fff;
  const places = Array.from({ length: data.length / 2 }, (_, k) => 2 * k)
    .filter((at) => magnitude(at) > 0)
    .toSorted((one, other) => magnitude(one) - magnitude(other));
  const median = places[Math.floor(places.length / 2)];
  if (median === undefined) throw new Error('a filter of zeros');
  view.setUint16(median, view.getUint16(median, true) ^ 0x8000, true);
  return ModelProto.encode(ModelProto.fromObject(model)).finish();
}
