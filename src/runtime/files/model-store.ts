import manifest from '../../../models/manifest.json';
import { BodyAnalysisError } from '../../schema/errors.ts';
import { assetUrl, packedName } from './assets.ts';
import type { AssetFile } from './assets.ts';
import { unpackPlanes } from './byte-planes.ts';
import { download, notIntact } from './model-download.ts';

/** One Cache API cache for all of the origin's body21 models; its entries are named by their content. */
const CACHE_NAME = 'body21-models';
const KEY_PATH = '/body21-models/';

/** A file as the manifest describes it. */
interface ModelEntry {
  file: string;
  bytes: number;
  /** Its size as planes of bytes (`byte-planes.ts`), before gzip: a fifth to a quarter less is sent. */
  packedBytes: number;
  sha256: string;
  halfCasts?: number;
}

/** The manifest's entry of a model file. */
export function modelEntry(file: AssetFile): ModelEntry {
  const entry = entryOf(file);
  if (!entry) throw new BodyAnalysisError('internal', `The model manifest has no ${file}. Reinstall body21.`);
  return entry;
}

/**
 * How many Casts make a file compute in float16; 0 of one that is not made for it, or none of the package's.
 */
export function halfCastsOf(file: string): number {
  return entryOf(file)?.halfCasts ?? 0;
}

function entryOf(file: string): ModelEntry | undefined {
  return manifest.models.find((model) => packedName(model.file) === file);
}

/**
 * A model file's bytes: from the cache, else from the network and then kept, so that the next visit asks for
 * nothing. Either way they are exactly the bytes this version was built with.
 * @param baseUrl the folder that hosts the files; the package itself where `undefined`
 * @param onBytes told how many of the entry's `packedBytes` are there, each time more are
 * @throws BodyAnalysisError `model-fetch` or `model-integrity`
 */
export async function loadModel(
  file: AssetFile,
  baseUrl: string | undefined,
  onBytes: (loaded: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const entry = modelEntry(file);
  const cache = await openCache();
  const key = keyOf(entry);
  const kept = await cache?.match(key);
  if (kept) {
    const bytes = new Uint8Array(await kept.arrayBuffer());
    if (await isIntact(bytes, entry)) {
      onBytes(entry.packedBytes);
      return bytes;
    }
  }
  const url = assetUrl(file, baseUrl);
  const bytes = unpackPlanes(await download(url, entry.packedBytes, onBytes), entry.bytes);
  if (!(await isIntact(bytes, entry))) {
    throw notIntact(`${url} is not the file this version of body21 was built with (its SHA-256 differs)`);
  }
  // A full disk or a private window only costs the next visit its shortcut.
  const keeping = cache?.put(key, new Response(bytes)).catch(() => {});
  // The runtime starts with it meanwhile.
  allKept = Promise.all([allKept, keeping]);
  return bytes;
}

/**
 * An entry's key. Whole, since what stands in for a worker of another origin is a blob, to which nothing is
 * relative; that of the page's origin, whose the cache is in either case.
 */
function keyOf({ sha256 }: ModelEntry): string {
  return `${globalThis.origin}${KEY_PATH}${sha256}`;
}

/** Settles when all that was loaded so far is in the cache, or cannot be. */
let allKept: Promise<unknown> = Promise.resolve();

/**
 * Waits until what was loaded is kept, and drops what other versions left:
 * anything the current manifest does not name.
 */
export async function tidyCache(): Promise<void> {
  await allKept;
  const cache = await openCache();
  if (!cache) return;
  const current = new Set(manifest.models.map(keyOf));
  const keys = await cache.keys();
  await Promise.all(keys.filter(({ url }) => !current.has(url)).map((key) => cache.delete(key)));
}

/** `undefined` where there is no Cache API (an insecure page) or it refuses (blocked storage). */
async function openCache(): Promise<Cache | undefined> {
  try {
    return await globalThis.caches?.open(CACHE_NAME);
  } catch {
    return undefined;
  }
}

async function isIntact(bytes: Uint8Array<ArrayBuffer>, entry: ModelEntry): Promise<boolean> {
  if (bytes.length !== entry.bytes) return false;
  // Browsers offer hashing to secure pages only; elsewhere the length has to do.
  if (!globalThis.crypto.subtle) return true;
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('') === entry.sha256;
}
