/** Shorter repetitions take as much to tell of as they save. */
const LEAST = 4;

/** Packs bytes for `unpackRepetitions` of `src/engine/programs.ts`: the same ones whenever these are the same. */
export function packRepetitions(bytes: Uint8Array): Uint8Array {
  const packed: number[] = [];
  const placesOf = new Map<number, number[]>();
  const write = (value: number): void => {
    let left = value;
    for (; left > 127; left >>>= 7) packed.push(128 | (left & 127));
    packed.push(left);
  };
  const note = (at: number): void => {
    const places = placesOf.get(wordAt(bytes, at));
    if (places) places.push(at);
    else placesOf.set(wordAt(bytes, at), [at]);
  };
  let plainFrom = 0;
  for (let at = 0; at < bytes.length;) {
    const { length, distance } = longest(bytes, at, placesOf.get(wordAt(bytes, at)) ?? []);
    if (length < LEAST) {
      note(at++);
      continue;
    }
    write(at - plainFrom);
    packed.push(...bytes.subarray(plainFrom, at));
    write(length);
    write(distance);
    for (const end = at + length; at < end; at++) note(at);
    plainFrom = at;
  }
  if (plainFrom < bytes.length) {
    write(bytes.length - plainFrom);
    packed.push(...bytes.subarray(plainFrom));
  }
  return Uint8Array.from(packed);
}

/** The next four bytes as a number. */
function wordAt(bytes: Uint8Array, at: number): number {
  return [0, 1, 2, 3].reduce((word, k) => word * 256 + (bytes[at + k] ?? 0), 0);
}

/** The longest stretch at one of the places that goes on as the bytes do; of equals the nearest. */
function longest(
  bytes: Uint8Array,
  at: number,
  places: readonly number[],
): { length: number; distance: number } {
  let best = { length: 0, distance: 0 };
  for (const place of places.toReversed()) {
    let length = 0;
    while (at + length < bytes.length && bytes[place + length] === bytes[at + length]) length++;
    if (length > best.length) best = { length, distance: at - place };
  }
  return best;
}
