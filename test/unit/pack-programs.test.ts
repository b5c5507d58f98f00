import { expect, test } from 'vitest';
import { packRepetitions } from '../../scripts/pack-programs.ts';
import { unpackRepetitions } from '../../src/engine/programs.ts';

const noise = (length: number) => Array.from({ length }, (_, at) => ((at * at * 7919) >> 7) & 255);

test.each([
  ['nothing', []],
  ['one byte', [9]],
  ['no repetition', noise(300)],
  ['one of itself', Array.from({ length: 500 }, () => 7)],
  ['one at the end', [...noise(200), 1, ...noise(200)]],
  ['some within', [...noise(20), 1, 2, ...noise(19), 3, ...noise(20), 4, 5, 6]],
])('what is packed comes back: %s', (_what, list) => {
  const bytes = Uint8Array.from(list);
  const packed = packRepetitions(bytes);
  expect(Buffer.compare(unpackRepetitions(packed, bytes.length), bytes)).toBe(0);
  expect(packed.length).toBeLessThanOrEqual(bytes.length + 2);
});

test('what is there twice is packed once', () => {
  const half = noise(1000);
  expect(packRepetitions(Uint8Array.from([...half, ...half])).length).toBeLessThan(1010);
});
