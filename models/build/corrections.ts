import { readFileSync } from 'node:fs';
import { f16round } from '@petamoriken/float16';
import { at } from './arrays.ts';
import { entries, field, word } from './json.ts';

/*
 * What rounding weights does to the mean of each filter's results, over the project's own
 * pictures: taken off the biases, it makes rounded models give nearly what they gave
 * (`correct.ts` measures it, `quantize.ts` says how).
 */

/** By the name of the weights, for each of their filters what to add to its bias. */
export type Corrections = ReadonlyMap<string, Float32Array>;

/** Where the corrections of all models are. */
export const CORRECTIONS_FILE = new URL('corrections.json', import.meta.url);

/** The largest code of a correction; it has one byte, since a hundredth of it is nothing. */
const LARGEST = 127;

/** The corrections of the model with this name; `undefined` where nobody measured any. */
export function readCorrections(model: string): Corrections | undefined {
  const content: unknown = JSON.parse(readFileSync(CORRECTIONS_FILE, 'utf8'));
  const layers = field(content, model);
  if (layers === undefined) return undefined;
  return new Map(
    entries(layers).map(([name, layer]) => {
      const codes = new Int8Array(Buffer.from(word(layer, 'codes'), 'base64'));
      const scale = Number(field(layer, 'scale'));
      return [name, Float32Array.from(codes, (code) => code * scale)];
    }),
  );
}

/** Corrections as JSON has them. */
export function encodeCorrections(
  corrections: Corrections,
): Record<string, { scale: number; codes: string }> {
  return Object.fromEntries(
    [...corrections].map(([name, values]) => {
      const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const scale = Number((largest / LARGEST).toPrecision(4)) || 1;
      const codes = Int8Array.from(values, (value) =>
        Math.max(-LARGEST, Math.min(LARGEST, Math.round(value / scale))),
      );
      return [name, { scale, codes: Buffer.from(codes.buffer).toString('base64') }];
    }),
  );
}

/** Biases with their corrections, as the half-precision numbers next to that. */
export function correct(biases: Float32Array, corrections: Float32Array): Float32Array {
  if (biases.length !== corrections.length)
    throw new Error(`${corrections.length} corrections for ${biases.length} filters`);
  return biases.map((bias, k) => f16round(bias + at(corrections, k)));
}
