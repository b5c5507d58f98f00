import { BodyAnalysisError } from '../../schema/errors.ts';
import { unpack } from './unpack.ts';

/**
 * Pauses before the second and the third try of a download that failed for a
 * reason that may pass, in milliseconds.
 */
const RETRY_AFTER_MS = [250, 1000];
/** A download that brings nothing for so long has stalled, in milliseconds. */
const STALLED_MS = 15_000;

/** A failure that may have passed when the file is asked for again. */
class PassingFailure extends Error {}

/**
 * Fetches a packed model file, again where it failed for a reason that may pass.
 * @param size how many bytes it has when its gzip is unpacked, and no more are taken
 * @param onBytes told how many of them are there, each time more are
 * @throws BodyAnalysisError `model-fetch`, or `model-integrity` where it has another size or is damaged
 */
export async function download(
  url: string,
  size: number,
  onBytes: (loaded: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await downloadOnce(url, size, onBytes);
    } catch (error) {
      if (!(error instanceof PassingFailure)) throw error;
      const pause = RETRY_AFTER_MS[attempt];
      if (pause === undefined) throw notFetched(`${url} ${error.message}`, error.cause);
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

function notFetched(what: string, cause?: unknown): BodyAnalysisError {
  return new BodyAnalysisError(
    'model-fetch',
    `${what}. Check that the model files are deployed beside the worker and that the page's Content-Security-Policy allows them by \`connect-src\`, or set \`assets\` to the folder that has both.`,
    cause,
  );
}

/** The error of a file that is not the one that this version was built with. */
export function notIntact(what: string, cause?: unknown): BodyAnalysisError {
  return new BodyAnalysisError(
    'model-integrity',
    `${what}. Deploy the model files of the installed version, unaltered.`,
    cause,
  );
}

async function downloadOnce(
  url: string,
  size: number,
  onBytes: (loaded: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const stalled = new AbortController();
  const abort = () => stalled.abort(new Error(`nothing came for ${STALLED_MS / 1000} seconds`));
  let timer = setTimeout(abort, STALLED_MS);
  const onPiece = () => {
    clearTimeout(timer);
    timer = setTimeout(abort, STALLED_MS);
  };
  const bytes = new Uint8Array(size);
  let loaded = 0;
  let isNetworkToBlame = true;
  try {
    const { body, ok, status, statusText } = await fetch(url, { signal: stalled.signal });
    if (!ok || !body) {
      const what = `answered ${status} ${statusText}`.trim();
      if (status >= 500 || status === 408 || status === 429) throw new PassingFailure(what);
      throw notFetched(`${url} ${what}`);
    }
    const onBroken = () => (isNetworkToBlame = true);
    const unpacked = await unpack(body, { onPiece, onBroken });
    isNetworkToBlame = false;
    for (const reader = unpacked.getReader(); ;) {
      const { done, value } = await reader.read();
      if (done) break;
      loaded += value.length;
      if (loaded > bytes.length) {
        await reader.cancel();
        break;
      }
      bytes.set(value, loaded - value.length);
      onBytes(loaded);
    }
  } catch (cause) {
    if (cause instanceof BodyAnalysisError || cause instanceof PassingFailure) throw cause;
    if (!isNetworkToBlame) throw notIntact(`${url} is damaged`, cause);
    const what = loaded === 0 ? 'could not be fetched' : `broke off after ${loaded} bytes`;
    throw new PassingFailure(what, { cause });
  } finally {
    clearTimeout(timer);
  }
  if (loaded !== bytes.length) {
    const found = loaded > bytes.length ? 'more than' : `only ${loaded} of`;
    throw notIntact(`${url} has ${found} the ${bytes.length} bytes expected`);
  }
  return bytes;
}
