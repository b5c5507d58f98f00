/**
 * What `scripts/pack-programs.ts` has packed: by turns so many bytes as they are, and so many of those that
 * were so far back. Both builds of the kernels are a third then. Browsers unpack gzip only while one waits.
 * @param size how many bytes come out
 */
export function unpackRepetitions(packed: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  let from = 0;
  /** 7 bits a byte, the lowest first; all but the last have the highest bit set. */
  const readNumber = () => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = packed[from++] ?? 0;
      value += scale * (byte & 127);
      if (byte < 128) return value;
    }
  };
  for (let at = 0; at < size;) {
    const plain = readNumber();
    bytes.set(packed.subarray(from, from + plain), at);
    from += plain;
    at += plain;
    if (at >= size) break;
    const [length, distance] = [readNumber(), readNumber()];
    // One by one: they may reach into what is just written.
    for (const end = at + length; at < end; at++) bytes[at] = bytes[at - distance] ?? 0;
  }
  return bytes;
}
