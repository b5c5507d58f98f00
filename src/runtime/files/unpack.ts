/** The first byte of every gzip file (RFC 1952). No ONNX file and no WASM binary begins with it. */
const GZIP = 0x1f;

/** Who wants to know what comes in. */
export interface ReceiveListeners {
  /** Told after each piece that has come. */
  onPiece?: () => void;
  /** Told that the connection broke off, which is not the file's fault. */
  onBroken?: () => void;
}

/**
 * What a gzip file holds. Some hosts say `Content-Encoding: gzip` of a file named `.gz`, and the browser
 * unpacks it: so the content decides, not the name.
 */
export async function unpack(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  { onPiece = () => {}, onBroken = () => {} }: ReceiveListeners = {},
): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  const reader = body.getReader();
  const read = async () => {
    try {
      const piece = await reader.read();
      onPiece();
      return piece;
    } catch (error) {
      onBroken();
      throw error;
    }
  };
  let next: ReadableStreamReadResult<Uint8Array<ArrayBuffer>> | undefined = await read();
  const isPacked = next.value?.[0] === GZIP;
  const received = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      const { done, value } = next ?? (await read());
      next = undefined;
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
  return isPacked ? received.pipeThrough(new DecompressionStream('gzip')) : received;
}
