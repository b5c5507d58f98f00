const FLOAT = 1;
const FLOAT16 = 10;

/**
 * The end of a node that casts to FLOAT in an ONNX file, a protobuf message: the operator `Cast`, and the attribute
 * `to` with a whole number.
 */
const CAST = [0x22, 4, ...ascii('Cast'), 0x2a, 9, 0x0a, 2, ...ascii('to'), 0x18, FLOAT, 0xa0, 1, 2];
/** Where in it the type is. */
const TYPE = CAST.length - 4;

/** What a list of nodes has before each of them, with the node's length behind it. */
const NODE_TAG = 0x0a;

/**
 * Makes a model compute in float16. Its inputs and outputs stay float32.
 * @param bytes an ONNX file that is made for this: its first nodes are the Casts of all that enters the computation
 * @param halfCasts how many these are, as the manifest says
 * @returns a changed copy
 * @throws Error where the file has another number of such Casts in the first place
 */
export function toHalfPrecision(bytes: Uint8Array<ArrayBuffer>, halfCasts: number): Uint8Array<ArrayBuffer> {
  const halved = bytes.slice();
  let found = 0;
  for (let end = firstCastEnd(bytes); end !== undefined; end = nextCastEnd(bytes, end)) {
    halved[end - CAST.length + TYPE] = FLOAT16;
    found += 1;
  }
  if (found !== halfCasts || found === 0) {
    throw new Error(`the model begins with ${found} casts to switch to float16, expected ${halfCasts}`);
  }
  return halved;
}

function firstCastEnd(bytes: Uint8Array): number | undefined {
  for (let at = bytes.indexOf(0x22); at !== -1; at = bytes.indexOf(0x22, at + 1)) {
    if (isCastEnd(bytes, at + CAST.length)) return at + CAST.length;
  }
  return undefined;
}

/** The end of the node that begins where another ends, if it is such a Cast as well. */
function nextCastEnd(bytes: Uint8Array, start: number): number | undefined {
  // A Cast has two short names in it: its length fits into the seven bits of one byte.
  const length = bytes[start + 1] ?? 0;
  const end = start + 2 + length;
  return bytes[start] === NODE_TAG && length < 0x80 && isCastEnd(bytes, end) ? end : undefined;
}

function isCastEnd(bytes: Uint8Array, end: number): boolean {
  return CAST.every((byte, k) => bytes[end - CAST.length + k] === byte);
}

function ascii(text: string): number[] {
  return Array.from(text, (letter) => letter.charCodeAt(0));
}
