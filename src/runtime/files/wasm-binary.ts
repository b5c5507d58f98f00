import { unpack } from './unpack.ts';

/**
 * Has ONNX Runtime's WASM binary, 17 or 27 MB, come in a quarter of its size. Browsers keep the code
 * that they have compiled for the next visit, but only of a response of the network that is compiled as
 * it comes. So a host that packs what it sends gives it as it is, as does this machine, where sending
 * costs nothing; from any other the packed file is fetched and unpacked here.
 * @param url where the runtime will ask for it; the packed file's where there is no other
 * @param packedUrl where the packed file is
 * @param onPiece told that more of it has come, as a sign of life: over
 * a slow network it is minutes on its way
 */
export function sendPacked(url: string, packedUrl: string, onPiece: () => void): void {
  const isThereAsItIs = url !== packedUrl;
  if (isThereAsItIs && isLoopback(url)) return;
  const fetchIt = globalThis.fetch;
  // The runtime takes an address, or the unpacked bytes, which it then holds as long as the worker lives.
  globalThis.fetch = async (...parameters) => {
    if (parameters[0] !== url) return fetchIt(...parameters);
    globalThis.fetch = fetchIt;
    const before = listed(url);
    if (isThereAsItIs && (await isPackedByHost(url))) {
      // The request for its headers is listed as well: now, or in a moment.
      tellUntilListed(url, before + 2, onPiece);
      return fetchIt(...parameters);
    }
    return (await fetchPacked(packedUrl, onPiece)) ?? fetchIt(...parameters);
  };
}

/**
 * How often a file that only the browser reads gives a sign of life, and for how long at most, in
 * milliseconds. Whether it comes slowly or stands still cannot be told, so this bounds both: 7 MB in a
 * quarter of an hour are 60 kbit/s.
 */
const TELLING = { everyMs: 1000, forMs: 900_000 };

/**
 * Tells until the file is there. Nobody can count its pieces: what is
 * handed on by others is not kept compiled.
 * @param count how many requests are listed then
 */
function tellUntilListed(url: string, count: number, onPiece: () => void): void {
  const end = performance.now() + TELLING.forMs;
  const timer = setInterval(() => {
    if (listed(url) >= count || performance.now() > end) clearInterval(timer);
    else onPiece();
  }, TELLING.everyMs);
}

/** How many requests for it have come to their end, as browsers list them, a task later. */
function listed(url: string): number {
  return performance.getEntriesByName(url).length;
}

function isLoopback(url: string): boolean {
  return /^(?:localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(new URL(url).hostname);
}

async function isPackedByHost(url: string): Promise<boolean> {
  try {
    const { ok, headers } = await fetch(url, { method: 'HEAD' });
    return ok && headers.has('Content-Encoding');
  } catch {
    return false;
  }
}

/** `undefined` where the file is not there. What breaks later has the runtime ask for its binary again. */
async function fetchPacked(url: string, onPiece: () => void): Promise<Response | undefined> {
  try {
    const { ok, body } = await fetch(url);
    if (!ok || !body) return undefined;
    // Without the type, it would not be compiled as it comes.
    return new Response(await unpack(body, { onPiece }), { headers: { 'Content-Type': 'application/wasm' } });
  } catch {
    return undefined;
  }
}
