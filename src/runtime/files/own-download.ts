import { BodyAnalysisError } from '../../schema/errors.ts';

/** A download that brings nothing for so long has stalled, in milliseconds. */
const STALLED_MS = 15_000;

/** A file of an app's own. */
export interface OwnFile {
  url: string;
  /** In hexadecimal; any file where `undefined`. */
  sha256: string | undefined;
  /** The most bytes that are taken. */
  maxBytes: number;
  /** The option that names it, for what is said to people. */
  option: string;
}

/**
 * Fetches a file of an app's own, and no more of it than it may have.
 * @param onBytes told how many bytes there are of how many, as far as the host says
 * @throws BodyAnalysisError `model-fetch`, or `model-integrity` where it is another than it should be
 */
export async function downloadOwn(
  file: OwnFile,
  onBytes: (loaded: number, total: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const { url, sha256, maxBytes } = file;
  const over = new AbortController();
  const stall = () => over.abort(new Error(`nothing came for ${STALLED_MS / 1000} seconds`));
  let timer = setTimeout(stall, STALLED_MS);
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let loaded = 0;
  try {
    const { body, ok, status, statusText, headers } = await fetch(url, { signal: over.signal });
    if (!ok || !body) throw notFetched(file, `${url} answered ${status} ${statusText}`.trim());
    // Of a packed answer it is the size on the way.
    const isPacked = headers.has('Content-Encoding');
    const announced = isPacked ? 0 : Number(headers.get('Content-Length'));
    if (announced > maxBytes) throw tooLarge(file);
    for (const reader = body.getReader(); ;) {
      const { done, value } = await reader.read();
      if (done) break;
      clearTimeout(timer);
      timer = setTimeout(stall, STALLED_MS);
      loaded += value.length;
      if (loaded > maxBytes) throw tooLarge(file);
      pieces.push(value);
      onBytes(loaded, Math.max(loaded, announced));
    }
  } catch (cause) {
    if (cause instanceof BodyAnalysisError) throw cause;
    const what = loaded === 0 ? 'could not be fetched' : `broke off after ${loaded} bytes`;
    throw notFetched(file, `${url} ${what}`, { cause });
  } finally {
    clearTimeout(timer);
    // What is still on its way is not wanted.
    over.abort();
  }
  const bytes = new Uint8Array(await new Blob(pieces).arrayBuffer());
  if (sha256 !== undefined) await checkSum(file, bytes, sha256);
  return bytes;
}

async function checkSum(
  { url, option }: OwnFile,
  bytes: Uint8Array<ArrayBuffer>,
  wanted: string,
): Promise<void> {
  // Browsers offer hashing to secure pages only. Nobody is to believe that it was done.
  if (!globalThis.crypto.subtle) {
    throw new BodyAnalysisError(
      'model-integrity',
      `The SHA-256 of ${url} cannot be computed here: serve the page by HTTPS, or leave out ${option}.sha256.`,
    );
  }
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  const found = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  if (found === wanted.toLowerCase()) return;
  throw new BodyAnalysisError(
    'model-integrity',
    `${url} is not the file that ${option}.sha256 names: its SHA-256 is ${found}. Deploy that file, or correct the sum.`,
  );
}

function tooLarge(file: OwnFile): BodyAnalysisError {
  const { url, maxBytes, option } = file;
  return notFetched(file, `${url} has more than the ${maxBytes} bytes that are taken`, {
    remedy: `raise ${option}.maxBytes where so large a network is meant, or take a smaller one`,
  });
}

function notFetched(
  { option }: OwnFile,
  what: string,
  {
    cause,
    remedy = `check the address of ${option}, that its host lets this page read it (CORS), and that the page's Content-Security-Policy allows it by \`connect-src\`; the next call tries again`,
  }: { cause?: unknown; remedy?: string } = {},
): BodyAnalysisError {
  return new BodyAnalysisError('model-fetch', `${what}: ${remedy}.`, cause);
}
